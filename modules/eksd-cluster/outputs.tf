output "endpoint" {
  description = "The API as the nodes reach it."
  value       = local.server
}

output "api_hosts" {
  description = "Hosts that the API is reached through: for eksd_manifest and eksd_node, with `kubeconfig`."
  value       = local.api_hosts
  depends_on  = [eksd_node.control_plane, eksd_node.worker]
}

output "kubeconfig" {
  description = "The path of the administrator's kubeconfig on those hosts."
  value       = local.kubeconfig
}

output "ca_certificate" {
  description = "The cluster's certificate authorities that are trusted, in PEM."
  value       = local.bundles["kubernetes"]
}

output "nodes" {
  description = "The nodes by name: the release of their kubelet, and the addresses of their pods."
  value = {
    for name, kubelet in merge(eksd_kubelet.control_plane, eksd_kubelet.worker) :
    name => { version = kubelet.version, pod_cidr = local.pod_cidrs[name] }
  }
  depends_on = [eksd_node.control_plane, eksd_node.worker]
}
