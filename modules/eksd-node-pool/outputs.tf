output "nodes" {
  description = "The pool's nodes, as `peers` of another pool."
  value       = local.own
}

output "versions" {
  description = "The version of each node's kubelet, as the cluster says it."
  value       = { for name, node in eksd_node.this : name => node.kubelet_version }
}
