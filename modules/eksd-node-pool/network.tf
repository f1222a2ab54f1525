# The simple network of the cluster goes on to the pool: routes on the pool's nodes to all others, and on all others to them.

locals {
  cni_configs = {
    for name, cidr in local.pod_cidrs : name => jsonencode({
      cniVersion = "1.0.0"
      name       = "eksd"
      plugins = [
        {
          type        = "bridge"
          bridge      = "cni0"
          isGateway   = true
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
