# The three authorities that Kubernetes keeps apart, and every certificate they sign.
# https://kubernetes.io/docs/setup/best-practices/certificates/

terraform {
  required_providers {
    tls = {
      source = "hashicorp/tls"
    }
  }
}

locals {
  authorities = {
    kubernetes  = "kubernetes-ca"
    etcd        = "etcd-ca"
    front-proxy = "kubernetes-front-proxy-ca"
  }

  server = ["digital_signature", "key_encipherment", "server_auth"]
  client = ["digital_signature", "key_encipherment", "client_auth"]
  both   = distinct(concat(local.server, local.client))

  cluster_names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]

  # One certificate for the whole cluster.
  clients = {
    admin                    = { authority = "kubernetes", common_name = "kubernetes-admin", organization = "system:masters" }
    kube-controller-manager  = { authority = "kubernetes", common_name = "system:kube-controller-manager", organization = null }
    kube-scheduler           = { authority = "kubernetes", common_name = "system:kube-scheduler", organization = null }
    apiserver-kubelet-client = { authority = "kubernetes", common_name = "kube-apiserver-kubelet-client", organization = "kubeadm:cluster-admins" }
    apiserver-etcd-client    = { authority = "etcd", common_name = "kube-apiserver-etcd-client", organization = null }
    front-proxy-client       = { authority = "front-proxy", common_name = "front-proxy-client", organization = null }
  }

  # One certificate for each node.
  node_certificates = merge([
    for name, node in var.nodes : {
      "${name}/apiserver" = {
        authority    = "kubernetes"
        common_name  = "kube-apiserver"
        organization = null
        uses         = local.server
        dns_names    = concat(local.cluster_names, [name], can(cidrhost("${var.endpoint}/32", 0)) ? [] : [var.endpoint])
        ip_addresses = concat([node.address, "127.0.0.1", cidrhost(var.service_cidr, 1)], can(cidrhost("${var.endpoint}/32", 0)) ? [var.endpoint] : [])
      }
      "${name}/etcd-server" = {
        authority    = "etcd"
        common_name  = name
        organization = null
        uses         = local.both
        dns_names    = [name, "localhost"]
        ip_addresses = [node.address, "127.0.0.1"]
      }
      "${name}/etcd-peer" = {
        authority    = "etcd"
        common_name  = name
        organization = null
        uses         = local.both
        dns_names    = [name, "localhost"]
        ip_addresses = [node.address, "127.0.0.1"]
      }
      "${name}/kubelet" = {
        authority    = "kubernetes"
        common_name  = "system:node:${name}"
        organization = "system:nodes"
        uses         = local.client
        dns_names    = [name]
        ip_addresses = [node.address]
      }
    }
  ]...)

  certificates = merge(local.node_certificates, {
    for name, client in local.clients : name => merge(client, {
      uses         = local.client
      dns_names    = []
      ip_addresses = []
    })
  })
}

resource "tls_private_key" "ca" {
  for_each    = local.authorities
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_self_signed_cert" "ca" {
  for_each              = local.authorities
  private_key_pem       = tls_private_key.ca[each.key].private_key_pem
  is_ca_certificate     = true
  validity_period_hours = var.ca_validity_hours
  allowed_uses          = ["cert_signing", "crl_signing", "digital_signature", "key_encipherment"]

  subject {
    common_name  = each.value
    organization = var.cluster_name
  }
}

resource "tls_private_key" "leaf" {
  for_each    = local.certificates
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_cert_request" "leaf" {
  for_each        = local.certificates
  private_key_pem = tls_private_key.leaf[each.key].private_key_pem
  dns_names       = each.value.dns_names
  ip_addresses    = each.value.ip_addresses

  subject {
    common_name  = each.value.common_name
    organization = each.value.organization
  }
}

resource "tls_locally_signed_cert" "leaf" {
  for_each              = local.certificates
  cert_request_pem      = tls_cert_request.leaf[each.key].cert_request_pem
  ca_private_key_pem    = tls_private_key.ca[each.value.authority].private_key_pem
  ca_cert_pem           = tls_self_signed_cert.ca[each.value.authority].cert_pem
  validity_period_hours = var.validity_hours
  early_renewal_hours   = var.renew_before_hours
  allowed_uses          = each.value.uses
}

# Signs service-account tokens; it is a key pair and no certificate.
resource "tls_private_key" "service_account" {
  algorithm = "RSA"
  rsa_bits  = 2048
}
