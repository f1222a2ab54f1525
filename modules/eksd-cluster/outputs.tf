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

output "join" {
  description = "What further nodes need to join, for modules/eksd-node-pool. It holds the key of the cluster's authority."
  value = {
    name               = var.name
    server             = local.server
    api_servers        = var.api_address == null ? [for name in local.names : "${var.control_plane[name].address}:6443"] : []
    api_hosts          = local.api_hosts
    kubeconfig         = local.kubeconfig
    trusted_pem        = local.bundles["kubernetes"]
    ca_certificate_pem = tls_self_signed_cert.ca[local.signing["kubernetes"]].cert_pem
    ca_private_key_pem = tls_private_key.ca[local.signing["kubernetes"]].private_key_pem
    cluster_dns        = local.service_dns
    cluster_domain     = var.cluster_domain
    pod_cidr           = var.pod_cidr
    network            = var.network
    drain              = var.drain
    nodes              = { for name, node in local.nodes : name => { host = node.host, address = node.address, pod_cidr = local.pod_cidrs[name] } }
  }
  # No kubelet is newer than an API server.
  depends_on = [eksd_kube_scheduler.this, eksd_manifest.rbac]
}
