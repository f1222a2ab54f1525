# What runs in the cluster itself.

resource "eksd_manifest" "rbac" {
  count      = var.api_objects ? 1 : 0
  hosts      = local.api_hosts
  kubeconfig = local.kubeconfig
  yaml       = file("${path.module}/manifests/rbac.yaml")
  depends_on = [eksd_kube_apiserver.this, eksd_kubeconfig.this]
}

# A network of the user's choice: nodes are not ready before it runs on them, so it is not waited for here.
resource "eksd_manifest" "cni" {
  count      = var.cni_manifest != null && var.api_objects ? 1 : 0
  hosts      = local.api_hosts
  kubeconfig = local.kubeconfig
  yaml       = var.cni_manifest
  wait       = false
  depends_on = [eksd_manifest.rbac]
}

resource "eksd_manifest" "dns" {
  count      = var.dns && var.api_objects ? 1 : 0
  hosts      = local.api_hosts
  kubeconfig = local.kubeconfig
  yaml = templatefile("${path.module}/manifests/coredns.yaml.tftpl", {
    address  = local.service_dns
    domain   = var.cluster_domain
    image    = local.coredns
    replicas = length(var.control_plane) + length(var.workers) > 1 ? 2 : 1
    forward  = var.dns_forward
    # Programs in pods read the authorities only when they start.
    authorities = join(",", var.authorities.trusted)
  })
  depends_on = [module.control_plane, module.workers]
}
