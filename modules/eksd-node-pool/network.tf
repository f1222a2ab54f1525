# The simple network of the cluster goes on to the pool: routes on the pool's nodes to all others, and on all others to them.

locals {
  cni_configs = {
    for name, cidr in local.pod_cidrs : name => jsonencode({
      cniVersion = "1.0.0"
      name       = "eksd"
      plugins = [
        {
          type      = "bridge"
          bridge    = "cni0"
          isGateway = true
          # The node's own table does that, below: one that shows in the plan.
          ipMasq      = false
          hairpinMode = true
          ipam = {
            type   = "host-local"
            ranges = [[{ subnet = cidr }]]
            routes = [{ dst = "0.0.0.0/0" }]
          }
        },
        { type = "portmap", capabilities = { portMappings = true } },
      ]
    })
  }

  own    = { for name, node in var.nodes : name => { host = node.host, address = node.address, pod_cidr = local.pod_cidrs[name] } }
  others = merge(var.cluster.nodes, var.peers)
  all    = merge(local.others, local.own)
  routed = var.cluster.network == "routes"
}

resource "host_route" "here" {
  for_each = local.routed ? {
    for pair in setproduct(keys(local.own), keys(local.all)) : "${pair[0]}/${pair[1]}" => { on = pair[0], to = pair[1] }
    if pair[0] != pair[1]
  } : {}
  host        = local.own[each.value.on].host
  destination = local.all[each.value.to].pod_cidr
  gateway     = local.all[each.value.to].address
}

resource "host_route" "there" {
  for_each = local.routed ? {
    for pair in setproduct(keys(local.others), keys(local.own)) : "${pair[0]}/${pair[1]}" => { on = pair[0], to = pair[1] }
  } : {}
  host        = local.others[each.value.on].host
  destination = local.own[each.value.to].pod_cidr
  gateway     = local.own[each.value.to].address
}

# No router knows the pods' addresses: what leaves their network gets the node's. It lies in a table of its own, beside those of
# kube-proxy, and is loaded when the node boots.
resource "host_firewall" "pods" {
  for_each = { for name, node in local.own : name => node if local.routed && var.cluster.masquerade.enabled }
  host     = each.value.host
  name     = "eksd_pods"
  ruleset  = <<-EOT
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
    %{~for network in distinct(concat([var.cluster.pod_cidr, "224.0.0.0/4"], var.cluster.masquerade.except))~}
      ip daddr ${network} return
    %{~endfor~}
      ip saddr ${each.value.pod_cidr} masquerade fully-random
    }
  EOT

  depends_on = [host_package.this]
}
