# What runs on every node. A node's kubelet is never newer than an API server: all of the control plane comes first.

resource "eksd_container_runtime" "this" {
  for_each               = local.nodes
  host                   = each.value.host
  sandbox_image          = var.release.images["pause"].uri
  cgroup_driver          = var.cgroup_driver
  restrict_oom_score_adj = var.restrict_oom_score_adj
  cni_version            = var.install ? var.release.version : null
  cni_plugins            = local.binaries["cni-plugins"]
  cni_config             = var.network == "routes" ? local.cni_configs[each.key] : null
  mirrors                = var.registry_mirrors
}

# Images that the release brings as archives need no registry; all others are pulled when they are needed.
resource "eksd_image" "this" {
  for_each = {
    for pair in setproduct(keys(local.nodes), [for name in ["pause", "coredns"] : name if var.install && contains(keys(var.release.image_archives), name)]) :
    "${pair[0]}/${pair[1]}" => { node = pair[0], image = pair[1] }
  }
  host       = local.nodes[each.value.node].host
  reference  = var.release.images[each.value.image].uri
  archive    = var.release.image_archives[each.value.image]
  depends_on = [eksd_container_runtime.this]

  # In an upgrade, pods of the former release start on other nodes until all is done.
  keep = true
}

locals {
  # Before another minor version of its kubelet starts, a node's pods are moved away.
  drain = !var.api_objects ? null : {
    hosts                = local.api_hosts
    kubeconfig           = local.kubeconfig
    timeout              = var.drain.timeout
    for_patches          = var.drain.for_patches
    delete_emptydir_data = var.drain.delete_emptydir_data
    delete_bare_pods     = var.drain.delete_bare_pods
  }
}

# The way to the API servers, on the node itself: those that say they are ready are asked.
resource "eksd_api_endpoint" "this" {
  for_each   = { for name, node in local.nodes : name => node if var.api_address == null }
  host       = each.value.host
  servers    = [for name in local.names : "${var.control_plane[name].address}:6443"]
  restart_on = { ca = host_file.ca[each.key].content_sha256 }
}

resource "eksd_kubelet" "control_plane" {
  for_each = var.control_plane
  host     = each.value.host
  cluster  = var.name
  node     = each.key
  version  = var.release.version
  binary   = local.binaries["kubelet"]

  node_ip              = each.value.address
  register_with_taints = var.schedule_on_control_plane ? [] : ["node-role.kubernetes.io/control-plane=:NoSchedule"]
  cluster_dns          = [local.service_dns]
  cluster_domain       = var.cluster_domain
  cgroup_driver        = var.cgroup_driver
  fail_cgroup_v1       = var.fail_cgroup_v1
  resolv_conf          = var.resolv_conf
  fail_swap_on         = var.fail_swap_on
  eviction_hard        = var.eviction_hard
  extra_args           = local.extra_args["kubelet"]
  extra_config         = var.kubelet_config
  drain                = local.drain

  restart_on = {
    certificate = eksd_certificate.this["${each.key}/kubelet"].fingerprint
    ca          = host_file.ca[each.key].content_sha256
    config      = sha256(eksd_kubeconfig.this["${each.key}/kubelet"].content)
  }

  depends_on = [eksd_kube_scheduler.this, eksd_container_runtime.this, eksd_image.this, eksd_api_endpoint.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kubelet" "worker" {
  for_each = var.workers
  host     = each.value.host
  cluster  = var.name
  node     = each.key
  version  = var.release.version
  binary   = local.binaries["kubelet"]

  node_ip        = each.value.address
  cluster_dns    = [local.service_dns]
  cluster_domain = var.cluster_domain
  cgroup_driver  = var.cgroup_driver
  fail_cgroup_v1 = var.fail_cgroup_v1
  resolv_conf    = var.resolv_conf
  fail_swap_on   = var.fail_swap_on
  eviction_hard  = var.eviction_hard
  extra_args     = local.extra_args["kubelet"]
  extra_config   = var.kubelet_config
  drain          = local.drain

  restart_on = {
    certificate = eksd_certificate.this["${each.key}/kubelet"].fingerprint
    ca          = host_file.ca[each.key].content_sha256
    config      = sha256(eksd_kubeconfig.this["${each.key}/kubelet"].content)
  }

  depends_on = [eksd_kubelet.control_plane, eksd_container_runtime.this, eksd_image.this, eksd_api_endpoint.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kube_proxy" "this" {
  for_each     = local.nodes
  host         = each.value.host
  cluster      = var.name
  node         = each.key
  version      = var.release.version
  binary       = local.binaries["kube-proxy"]
  cluster_cidr = var.pod_cidr
  extra_args   = local.extra_args["kube-proxy"]

  conntrack_max_per_core            = var.conntrack.max_per_core
  conntrack_min                     = var.conntrack.min
  conntrack_tcp_timeout_established = var.conntrack.tcp_established
  conntrack_tcp_timeout_close_wait  = var.conntrack.tcp_close_wait

  restart_on = {
    certificate = eksd_certificate.this["${each.key}/kube-proxy"].fingerprint
    config      = sha256(eksd_kubeconfig.this["${each.key}/kube-proxy"].content)
  }

  depends_on = [eksd_kubelet.control_plane, eksd_kubelet.worker]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_node" "control_plane" {
  for_each   = { for name, node in var.control_plane : name => node if var.api_objects }
  hosts      = local.api_hosts
  kubeconfig = local.kubeconfig
  cluster    = var.name
  name       = each.key
  labels     = merge({ "node-role.kubernetes.io/control-plane" = "" }, each.value.labels)
  taints     = var.schedule_on_control_plane ? null : ["node-role.kubernetes.io/control-plane:NoSchedule"]
  drain      = true
  depends_on = [eksd_kubelet.control_plane, eksd_kube_proxy.this, host_route.pods, eksd_manifest.rbac, eksd_manifest.cni]
}

resource "eksd_node" "worker" {
  for_each   = { for name, node in var.workers : name => node if var.api_objects }
  hosts      = local.api_hosts
  kubeconfig = local.kubeconfig
  cluster    = var.name
  name       = each.key
  labels     = merge({ "node-role.kubernetes.io/worker" = "" }, each.value.labels)
  taints     = [for taint in each.value.taints : "${taint.key}${taint.value == null ? "" : "=${taint.value}"}:${taint.effect}"]
  drain      = true
  depends_on = [eksd_kubelet.worker, eksd_kube_proxy.this, host_route.pods, eksd_manifest.rbac, eksd_manifest.cni]
}
