# One member after the other: each is a healthy voting member before the next one is touched.

resource "eksd_etcd_member" "this" {
  for_each = var.control_plane
  host     = each.value.host
  cluster  = var.name
  node     = each.key
  version  = var.release.etcd_release_version
  binary   = local.binaries["etcd"]

  listen_client_urls          = ["https://127.0.0.1:2379", "https://${each.value.address}:2379"]
  advertise_client_urls       = ["https://${each.value.address}:2379"]
  listen_peer_urls            = ["https://${each.value.address}:2380"]
  initial_advertise_peer_urls = ["https://${each.value.address}:2380"]
  endpoints                   = local.etcd_endpoints
  peers                       = [for name in local.names : var.control_plane[name].host if name != each.key]
  bootstrap                   = each.key == local.first
  replaces                    = lookup(var.replaced_members, each.key, null)
  restore_from                = each.key == local.first ? var.restore_from : null
  extra_args                  = local.extra_args["etcd"]

  restart_on = {
    server = eksd_certificate.this["${each.key}/etcd/server"].fingerprint
    peer   = eksd_certificate.this["${each.key}/etcd/peer"].fingerprint
    ca     = host_file.etcd_ca[each.key].content_sha256
  }

  depends_on = [eksd_certificate.this]

  lifecycle {
    max_parallel = 1
  }
}
