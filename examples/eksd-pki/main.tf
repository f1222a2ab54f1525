# Certificates of three control-plane nodes, and the change of the authority that signs them.

terraform {
  required_providers {
    eksd = { source = "groma/eksd" }
    host = { source = "groma/host" }
    tls  = { source = "hashicorp/tls" }
  }
}

variable "signing" {
  description = "The authority that certificates are signed by."
  type        = string
  default     = "first"
}

variable "trusted" {
  description = "The authorities that whoever verifies a certificate trusts."
  type        = list(string)
  default     = ["first"]

  validation {
    condition     = contains(var.trusted, var.signing)
    error_message = "Nobody would trust what is signed: trust the new authority first, then sign by it."
  }
}

locals {
  # Real hosts: host_machine resources with addresses instead of folders.
  nodes = {
    cp1 = { root = "out/cp1", address = "10.0.0.11" }
    cp2 = { root = "out/cp2", address = "10.0.0.12" }
    cp3 = { root = "out/cp3", address = "10.0.0.13" }
  }
  bundle = join("", [for name in var.trusted : tls_self_signed_cert.ca[name].cert_pem])
}

resource "tls_private_key" "ca" {
  for_each    = toset(["first", "second"])
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_self_signed_cert" "ca" {
  for_each              = tls_private_key.ca
  private_key_pem       = each.value.private_key_pem
  is_ca_certificate     = true
  validity_period_hours = 87600
  allowed_uses          = ["cert_signing", "crl_signing", "digital_signature"]

  subject {
    common_name = "kubernetes"
  }
}

resource "host_machine" "node" {
  for_each  = local.nodes
  transport = "root"
  root      = each.value.root
}

# What verifies: kube-apiserver's client_ca_file, kubelets' authentication, etcd's trusted_ca_file.
resource "host_file" "ca" {
  for_each = local.nodes
  host     = host_machine.node[each.key].connection
  path     = "/etc/eksd/pki/ca.crt"
  content  = local.bundle
}

resource "eksd_certificate" "apiserver" {
  for_each           = local.nodes
  host               = host_machine.node[each.key].connection
  path               = "/etc/eksd/pki/apiserver.crt"
  ca_cert_pem        = tls_self_signed_cert.ca[var.signing].cert_pem
  ca_private_key_pem = tls_private_key.ca[var.signing].private_key_pem
  common_name        = "kube-apiserver"
  dns_names          = [each.key, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
  ip_addresses       = [each.value.address, "10.96.0.1"]
  uses               = ["digital_signature", "server_auth"]

  lifecycle {
    max_parallel = 1 # One node after the other.
  }
}

resource "eksd_certificate" "admin" {
  for_each           = local.nodes
  host               = host_machine.node[each.key].connection
  path               = "/etc/eksd/pki/admin.crt"
  ca_cert_pem        = tls_self_signed_cert.ca[var.signing].cert_pem
  ca_private_key_pem = tls_private_key.ca[var.signing].private_key_pem
  common_name        = "kubernetes-admin"
  organization       = ["system:masters"]
  uses               = ["digital_signature", "client_auth"]
}

resource "eksd_kubeconfig" "admin" {
  for_each              = local.nodes
  host                  = host_machine.node[each.key].connection
  path                  = "/etc/eksd/admin.conf"
  server                = "https://${each.value.address}:6443"
  certificate_authority = local.bundle
  client_certificate    = eksd_certificate.admin[each.key].path
  client_key            = eksd_certificate.admin[each.key].key_path
}

output "ends" {
  description = "Until when the certificates are valid."
  value       = { for name, certificate in eksd_certificate.apiserver : name => certificate.not_after }
}
