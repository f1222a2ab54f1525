# What runs on every node, control plane and workers alike. A node's kubelet is never newer than an API server: all of the control
# plane comes first.

locals {
  # What nodes need to join; those that have joined come with it.
  join = {
    name               = var.name
    server             = local.server
    api_servers        = var.api_address == null ? [for name in local.names : "${var.control_plane[name].address}:6443"] : []
    api_hosts          = local.api_hosts
    kubeconfig         = local.kubeconfig
    trusted_pem        = local.bundles["kubernetes"]
    ca_certificate_pem = local.authority_certificates[local.signing["kubernetes"]]
    ca_private_key_pem = local.authority_keys[local.signing["kubernetes"]]
    cluster_dns        = local.service_dns
    cluster_domain     = var.cluster_domain
    pod_cidr           = var.pod_cidr
    network            = var.network
    masquerade         = var.masquerade
    drain              = var.drain
  }

  nodes = merge(module.control_plane.nodes, module.workers.nodes)
}

module "control_plane" {
  source      = "../eksd-node-pool"
  cluster     = merge(local.join, { nodes = {} })
  release     = var.release
  role        = "control-plane"
  nodes       = var.control_plane
  taints      = var.schedule_on_control_plane ? [] : [{ key = "node-role.kubernetes.io/control-plane", effect = "NoSchedule" }]
  start_after = eksd_kube_scheduler.this
  ready_after = [eksd_manifest.rbac, eksd_manifest.cni]

  validity_hours         = var.validity_hours
  renew_before_hours     = var.renew_before_hours
  extra_args             = var.extra_args
  cgroup_driver          = var.cgroup_driver
  fail_cgroup_v1         = var.fail_cgroup_v1
  fail_swap_on           = var.fail_swap_on
  resolv_conf            = var.resolv_conf
  restrict_oom_score_adj = var.restrict_oom_score_adj
  eviction_hard          = var.eviction_hard
  kubelet_config         = var.kubelet_config
  conntrack              = var.conntrack
  runtime_packages       = var.runtime_packages
  registry_mirrors       = var.registry_mirrors
  image_layout           = var.image_layout
  install                = var.install
  api_objects            = var.api_objects
}

module "workers" {
  source      = "../eksd-node-pool"
  cluster     = merge(local.join, { nodes = module.control_plane.nodes })
  release     = var.release
  nodes       = var.workers
  start_after = module.control_plane.kubelets
  ready_after = [eksd_manifest.rbac, eksd_manifest.cni]

  validity_hours         = var.validity_hours
  renew_before_hours     = var.renew_before_hours
  extra_args             = var.extra_args
  cgroup_driver          = var.cgroup_driver
  fail_cgroup_v1         = var.fail_cgroup_v1
  fail_swap_on           = var.fail_swap_on
  resolv_conf            = var.resolv_conf
  restrict_oom_score_adj = var.restrict_oom_score_adj
  eviction_hard          = var.eviction_hard
  kubelet_config         = var.kubelet_config
  conntrack              = var.conntrack
  runtime_packages       = var.runtime_packages
  registry_mirrors       = var.registry_mirrors
  image_layout           = var.image_layout
  install                = var.install
  api_objects            = var.api_objects
}
