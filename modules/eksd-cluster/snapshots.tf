# Snapshots of etcd on its own nodes; copies elsewhere are for who runs the cluster to make.

resource "eksd_etcd_snapshot" "this" {
  for_each = var.snapshots == null ? {} : var.control_plane
  host     = each.value.host
  name     = var.name
  triggers = var.snapshots.triggers
  keep     = var.snapshots.keep

  depends_on = [eksd_etcd_member.this]
}
