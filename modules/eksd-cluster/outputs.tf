output "endpoint" {
  description = "The API as the nodes reach it."
  value       = local.server
}

output "api_servers" {
  description = "The API as it is reached from where no node is: by the load balancer, or by each API server."
  value       = local.api_servers
}

output "api_hosts" {
  description = "Hosts that the API is reached through: for eksd_manifest and eksd_node, with `kubeconfig`."
  value       = local.api_hosts
  depends_on  = [module.control_plane, module.workers]
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
    for name, version in merge(module.control_plane.versions, module.workers.versions) :
    name => { version = version, pod_cidr = local.nodes[name].pod_cidr }
  }
  depends_on = [module.control_plane, module.workers]
}

output "snapshots" {
  description = "The paths of the last snapshots of etcd, by control-plane node."
  value       = { for name, snapshot in eksd_etcd_snapshot.this : name => snapshot.path }
}

output "join" {
  description = "What further nodes need to join, for modules/eksd-node-pool. It holds the key of the cluster's authority."
  value       = merge(local.join, { nodes = local.nodes })
  # No kubelet is newer than an API server.
  depends_on = [eksd_kube_scheduler.this, eksd_manifest.rbac]
}

output "secrets" {
  description = "What a state that is lost takes with it, as the input `secrets` of a new one: keep it where only administrators read it."
  sensitive   = true
  value = {
    authorities = {
      for name in keys(local.generations) : name => { certificate = local.authority_certificates[name], key = local.authority_keys[name] }
    }
    service_account_key = local.service_account.private_key
    encryption_keys     = local.encryption_keys
  }
}
