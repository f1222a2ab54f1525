# The simple network: on each node a bridge that hands out addresses of the node's own part of the pods' network, and a route
# to the part of each other node. Nodes share one link; for anything else set network = "none" and bring a CNI.

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

  routes = var.network == "routes" ? {
    for pair in setproduct(keys(local.nodes), keys(local.nodes)) : "${pair[0]}/${pair[1]}" => { on = pair[0], to = pair[1] }
    if pair[0] != pair[1]
  } : {}
}

resource "host_route" "pods" {
  for_each    = local.routes
  host        = local.nodes[each.value.on].host
  destination = local.pod_cidrs[each.value.to]
  gateway     = local.nodes[each.value.to].address
}
