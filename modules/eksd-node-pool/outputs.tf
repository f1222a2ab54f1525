output "nodes" {
  description = "The pool's nodes, as `peers` of another pool."
  value       = local.own

  precondition {
    condition     = length(setintersection(keys(local.own), keys(local.others))) == 0
    error_message = "Two nodes of the cluster have one name: ${join(", ", setintersection(keys(local.own), keys(local.others)))}."
  }

  precondition {
    condition     = length(distinct(values(local.all)[*].pod_cidr)) == length(local.all)
    error_message = "Two nodes have one part of the pods' network, as their addresses end alike: give one of them another pod_cidr. ${join(", ", [for name, node in local.all : "${name} has ${node.pod_cidr}"])}."
  }
}

output "versions" {
  description = "The release of each node's kubelet."
  value       = { for name, kubelet in eksd_kubelet.this : name => kubelet.version }
  depends_on  = [eksd_node.this]
}

output "pki" {
  description = "The folder of each node with its certificates and the authority that it trusts."
  value       = { for name, folder in host_directory.pki : name => folder.path }
  depends_on  = [host_file.ca]
}

output "authority" {
  description = "What changes with the trusted authorities, by node: for what reads their file only at its start."
  value       = { for name, file in host_file.ca : name => file.content_sha256 }
}

output "kubelets" {
  description = "For what comes after the kubelets and kube-proxies of the pool, as `start_after` of another one."
  value       = [for kubelet in eksd_kubelet.this : kubelet.id]
  depends_on  = [eksd_kubelet.this, eksd_kube_proxy.this]
}
