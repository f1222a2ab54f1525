output "kubeconfigs" {
  description = "Where the administrator's kubeconfig lies, by node."
  value       = { for node in keys(var.nodes) : node => local_sensitive_file.kubeconfig["${node}/admin.conf"].filename }
}

output "files" {
  description = "How many files were rendered."
  value = sum([
    length(local_file.authority), length(local_file.certificate), length(local_sensitive_file.key),
    length(local_sensitive_file.kubeconfig), 2 * length(var.nodes),
  ])
}
