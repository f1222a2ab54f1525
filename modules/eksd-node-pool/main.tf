# Nodes that are alike in what they are for, and what runs on each of them. modules/eksd-cluster makes its control-plane nodes and its
# workers of it; further pools join, and are upgraded by themselves.

terraform {
  required_providers {
    eksd = {
      source = "groma/eksd"
    }
    host = {
      source = "groma/host"
    }
  }
}

locals {
  # The last byte of a node's address numbers its part of the pods' network, as in the cluster.
  pod_cidrs = {
    for name, node in var.nodes : name => coalesce(
      node.pod_cidr,
      cidrsubnet(var.cluster.pod_cidr, 24 - tonumber(split("/", var.cluster.pod_cidr)[1]), tonumber(split(".", node.address)[3])),
    )
  }

  labels = { for name, node in var.nodes : name => merge(var.labels, node.labels) }
  taints = {
    for name, node in var.nodes : name => [
      for taint in concat(var.taints, node.taints) : "${taint.key}${taint.value == null ? "" : "=${taint.value}"}:${taint.effect}"
    ]
  }

  # Whether each node has its own way to the API servers, and no load balancer stands before them.
  balanced = length(var.cluster.api_servers) > 0

  # What is brought: the runtime, the way to the API servers, and nft, which loads the node's table of the pods' network.
  packages = concat(
    var.runtime_packages,
    local.balanced ? ["haproxy"] : [],
    local.routed && var.cluster.masquerade.enabled ? ["nftables"] : [],
  )

  # Images that need no registry: those of the release's archives, and of a layout.
  imported = [
    for name in ["pause", "coredns"] : name if var.install && (var.image_layout != null || contains(keys(var.release.image_archives), name))
  ]

  # What a registry sends is what the release says. An image that was imported is known by the name that it was imported under, and one
  # that an image of the machine brings by its tag.
  pause = (
    var.install && var.release.images["pause"].digest != null && !contains(local.imported, "pause") ?
    "${var.release.images["pause"].uri}@${var.release.images["pause"].digest}" : var.release.images["pause"].uri
  )

  # Null where programs are not brought to the hosts.
  binaries = { for name, files in var.release.binaries : name => var.install ? files : null }
}

# Brought to all nodes at the same time; what is set up with them then takes but a moment on each.
resource "host_package" "this" {
  for_each = {
    for pair in setproduct(keys(var.nodes), var.install ? local.packages : []) :
    "${pair[0]}/${pair[1]}" => { node = pair[0], package = pair[1] }
  }
  host = var.nodes[each.value.node].host
  name = each.value.package
}

# Images that the release brings as archives, or a layout has, need no registry; all others are pulled when they are needed. They are there before
# the runtime makes pods of them.
resource "eksd_image" "this" {
  for_each = {
    for pair in setproduct(keys(var.nodes), local.imported) :
    "${pair[0]}/${pair[1]}" => { node = pair[0], image = pair[1] }
  }
  host       = var.nodes[each.value.node].host
  reference  = var.release.images[each.value.image].uri
  archive    = lookup(var.release.image_archives, each.value.image, null)
  layout     = contains(keys(var.release.image_archives), each.value.image) ? null : var.image_layout
  depends_on = [host_package.this]

  # In an upgrade, pods of the former release start on other nodes until all is done.
  keep = true
}

resource "eksd_container_runtime" "this" {
  for_each               = var.nodes
  host                   = each.value.host
  packages               = var.runtime_packages
  sandbox_image          = local.pause
  cgroup_driver          = var.cgroup_driver
  restrict_oom_score_adj = var.restrict_oom_score_adj
  cni_version            = var.install || local.routed ? var.release.version : null
  cni_plugins            = local.binaries["cni-plugins"]
  cni_config             = var.cluster.network == "routes" ? local.cni_configs[each.key] : null
  mirrors                = var.registry_mirrors
  depends_on             = [host_package.this, eksd_image.this]

  # Pods go on while it restarts, but with a configuration that it does not take none would start any more.
  lifecycle {
    max_parallel = 1
  }
}

# The way to the API servers, on the node itself, where the cluster has no load balancer: those that say they are ready are asked.
resource "eksd_api_endpoint" "this" {
  for_each   = { for name, node in var.nodes : name => node if local.balanced }
  host       = each.value.host
  servers    = var.cluster.api_servers
  restart_on = { ca = host_file.ca[each.key].content_sha256 }
  depends_on = [host_package.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kubelet" "this" {
  for_each = var.nodes
  host     = each.value.host
  cluster  = var.cluster.name
  node     = each.key
  version  = var.release.version
  binary   = local.binaries["kubelet"]

  node_ip              = each.value.address
  register_with_taints = length(local.taints[each.key]) > 0 ? local.taints[each.key] : null
  cluster_dns          = [var.cluster.cluster_dns]
  cluster_domain       = var.cluster.cluster_domain
  cgroup_driver        = var.cgroup_driver
  fail_cgroup_v1       = var.fail_cgroup_v1
  resolv_conf          = var.resolv_conf
  fail_swap_on         = var.fail_swap_on
  eviction_hard        = var.eviction_hard
  max_pods             = var.max_pods
  extra_args           = lookup(var.extra_args, "kubelet", null)
  extra_config         = var.kubelet_config

  # Before another minor version of its kubelet starts, a node's pods are moved away.
  drain = var.api_objects ? merge(var.cluster.drain, { hosts = var.cluster.api_hosts, kubeconfig = var.cluster.kubeconfig }) : null

  restart_on = {
    certificate = eksd_certificate.this["${each.key}/kubelet"].fingerprint
    ca          = host_file.ca[each.key].content_sha256
    config      = sha256(eksd_kubeconfig.this["${each.key}/kubelet"].content)
  }

  depends_on = [var.start_after, eksd_container_runtime.this, eksd_image.this, eksd_api_endpoint.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kube_proxy" "this" {
  for_each     = var.nodes
  host         = each.value.host
  cluster      = var.cluster.name
  node         = each.key
  version      = var.release.version
  binary       = local.binaries["kube-proxy"]
  cluster_cidr = var.cluster.pod_cidr
  extra_args   = lookup(var.extra_args, "kube-proxy", null)

  conntrack_max_per_core            = var.conntrack.max_per_core
  conntrack_min                     = var.conntrack.min
  conntrack_tcp_timeout_established = var.conntrack.tcp_established
  conntrack_tcp_timeout_close_wait  = var.conntrack.tcp_close_wait

  restart_on = {
    certificate = eksd_certificate.this["${each.key}/kube-proxy"].fingerprint
    config      = sha256(eksd_kubeconfig.this["${each.key}/kube-proxy"].content)
  }

  depends_on = [eksd_kubelet.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_node" "this" {
  for_each   = { for name, node in var.nodes : name => node if var.api_objects }
  hosts      = var.cluster.api_hosts
  kubeconfig = var.cluster.kubeconfig
  cluster    = var.cluster.name
  name       = each.key
  labels     = merge({ "node-role.kubernetes.io/${var.role}" = "" }, local.labels[each.key])
  taints     = local.taints[each.key]
  drain      = true
  depends_on = [var.ready_after, eksd_kubelet.this, eksd_kube_proxy.this, host_route.here, host_route.there, host_firewall.pods]
}
