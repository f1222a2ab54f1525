# API servers first, all of them, one after the other; then what asks them. https://kubernetes.io/releases/version-skew-policy/

resource "eksd_kube_apiserver" "this" {
  for_each = var.control_plane
  host     = each.value.host
  cluster  = var.name
  node     = each.key
  version  = var.release.version
  binary   = local.binaries["kube-apiserver"]

  advertise_address        = each.value.address
  etcd_servers             = local.etcd_endpoints
  service_account_issuer   = ["https://kubernetes.default.svc.${var.cluster_domain}"]
  service_cluster_ip_range = [var.service_cidr]
  encryption_keys          = [for name in var.encryption_keys : { name = name, secret = local.encryption_keys[name] }]
  extra_args               = local.extra_args["kube-apiserver"]

  # Told to stop, it says at once that it is not ready, and goes on answering until all ways to it have seen that: haproxy on the
  # nodes in less than five seconds, a load balancer as those of AWS in 30.
  shutdown_delay_duration = var.api_address == null ? "5s" : "30s"

  # Its serving and client certificates are read again when they change; the authorities and keys are not.
  restart_on = {
    ca              = module.control_plane.authority[each.key]
    etcd_ca         = host_file.etcd_ca[each.key].content_sha256
    front_proxy_ca  = host_file.front_proxy_ca[each.key].content_sha256
    service_account = host_file.service_account_public_key[each.key].content_sha256
    etcd_client     = eksd_certificate.this["${each.key}/apiserver-etcd-client"].fingerprint
    kubelet_client  = eksd_certificate.this["${each.key}/apiserver-kubelet-client"].fingerprint
    front_proxy     = eksd_certificate.this["${each.key}/front-proxy-client"].fingerprint
  }

  depends_on = [eksd_etcd_member.this, eksd_certificate.this, host_file.service_account_key]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kube_controller_manager" "this" {
  for_each = var.control_plane
  host     = each.value.host
  cluster  = var.name
  node     = each.key
  version  = var.release.version
  binary   = local.binaries["kube-controller-manager"]

  cluster_name             = var.name
  cluster_cidr             = [var.pod_cidr]
  service_cluster_ip_range = [var.service_cidr]
  allocate_node_cidrs      = false
  extra_args               = local.extra_args["kube-controller-manager"]

  restart_on = {
    ca             = module.control_plane.authority[each.key]
    front_proxy_ca = host_file.front_proxy_ca[each.key].content_sha256
    client         = eksd_certificate.this["${each.key}/controller-manager"].fingerprint
    config         = sha256(eksd_kubeconfig.this["${each.key}/controller-manager"].content)
  }

  depends_on = [eksd_kube_apiserver.this]

  lifecycle {
    max_parallel = 1
  }
}

resource "eksd_kube_scheduler" "this" {
  for_each   = var.control_plane
  host       = each.value.host
  cluster    = var.name
  node       = each.key
  version    = var.release.version
  binary     = local.binaries["kube-scheduler"]
  extra_args = local.extra_args["kube-scheduler"]

  restart_on = {
    ca     = module.control_plane.authority[each.key]
    client = eksd_certificate.this["${each.key}/scheduler"].fingerprint
    config = sha256(eksd_kubeconfig.this["${each.key}/scheduler"].content)
  }

  depends_on = [eksd_kube_controller_manager.this]

  lifecycle {
    max_parallel = 1
  }
}
