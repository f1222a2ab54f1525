# Certificates of the pool's nodes, whose keys are made there, signed by the cluster's authority.

locals {
  certificates = merge([
    for name, node in var.nodes : {
      "${name}/kubelet" = {
        node         = name, path = "kubelet", uses = ["digital_signature", "server_auth", "client_auth"]
        common_name  = "system:node:${name}", organization = ["system:nodes"]
        dns_names    = [name]
        ip_addresses = [node.address]
      }
      "${name}/kube-proxy" = {
        node        = name, path = "kube-proxy", uses = ["digital_signature", "client_auth"]
        common_name = "system:kube-proxy", organization = ["system:node-proxier"]
        dns_names   = null, ip_addresses = null
      }
    }
  ]...)
}

resource "host_directory" "eksd" {
  for_each = var.nodes
  host     = each.value.host
  path     = "/etc/eksd"
  mode     = "0755"
}

resource "host_directory" "pki" {
  for_each = var.nodes
  host     = each.value.host
  path     = "${host_directory.eksd[each.key].path}/pki"
  mode     = "0755"
}

resource "host_file" "ca" {
  for_each = var.nodes
  host     = each.value.host
  path     = "${host_directory.pki[each.key].path}/ca.crt"
  content  = var.cluster.trusted_pem
  mode     = "0644"
}

resource "eksd_certificate" "this" {
  for_each           = local.certificates
  host               = var.nodes[each.value.node].host
  path               = "${host_directory.pki[each.value.node].path}/${each.value.path}.crt"
  common_name        = each.value.common_name
  organization       = each.value.organization
  dns_names          = each.value.dns_names
  ip_addresses       = each.value.ip_addresses
  uses               = each.value.uses
  ca_cert_pem        = var.cluster.ca_certificate_pem
  ca_private_key_pem = var.cluster.ca_private_key_pem
  validity_hours     = var.validity_hours
  renew_before_hours = var.renew_before_hours
}

resource "eksd_kubeconfig" "this" {
  for_each              = local.certificates
  host                  = var.nodes[each.value.node].host
  path                  = "${host_directory.eksd[each.value.node].path}/${each.value.path}.conf"
  cluster_name          = var.cluster.name
  server                = var.cluster.server
  user                  = each.value.common_name
  certificate_authority = var.cluster.trusted_pem
  client_certificate    = eksd_certificate.this[each.key].path
  client_key            = eksd_certificate.this[each.key].key_path
}
