# How people reach the API: kubectl on the control plane's nodes, for admin.conf there, and kubeconfigs of their own elsewhere.

locals {
  # The API as it is reached from where no node is.
  api_servers = (
    var.api_address != null ? ["https://${var.api_address}"] :
    [for name in local.names : "https://${var.control_plane[name].address}:6443"]
  )
}

# Of which architecture the nodes are.
data "host_facts" "control_plane" {
  for_each = { for name, node in var.control_plane : name => node if var.install }
  host     = each.value.host
}

resource "host_download" "kubectl" {
  for_each = { for name, node in var.control_plane : name => node if var.install }
  host     = each.value.host
  path     = "/usr/local/bin/kubectl"
  url      = var.release.binaries["kubectl"][data.host_facts.control_plane[each.key].arch].uri
  sha256   = var.release.binaries["kubectl"][data.host_facts.control_plane[each.key].arch].sha256
  mode     = "0755"
}

resource "eksd_certificate" "operator" {
  for_each           = var.operators
  host               = each.value.host
  path               = "${each.value.kubeconfig}.crt"
  common_name        = each.key
  organization       = each.value.groups
  uses               = local.client_uses
  ca_cert_pem        = local.authority_certificates[local.signing["kubernetes"]]
  ca_private_key_pem = local.authority_keys[local.signing["kubernetes"]]
  validity_hours     = var.validity_hours
  renew_before_hours = var.renew_before_hours
}

resource "eksd_kubeconfig" "operator" {
  for_each              = var.operators
  host                  = each.value.host
  path                  = each.value.kubeconfig
  cluster_name          = var.name
  server                = coalesce(each.value.server, local.api_servers[0])
  user                  = each.key
  certificate_authority = local.bundles["kubernetes"]
  client_certificate    = eksd_certificate.operator[each.key].path
  client_key            = eksd_certificate.operator[each.key].key_path
  embed                 = true
}
