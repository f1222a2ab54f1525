output "kubeconfigs" {
  description = "Where the administrator's kubeconfig lies, by node."
  value       = { for node in keys(var.nodes) : node => host_file.kubeconfig["${node}/admin.conf"].path }
}

output "files" {
  description = "How many files were written."
  value = sum([
    length(host_file.authority), length(host_file.certificate), length(host_file.key),
    length(host_file.kubeconfig), 2 * length(var.nodes),
  ])
}
