# The three authorities that Kubernetes keeps apart, and what they sign. Keys of certificates are made on the host that they
# serve, and never leave it. https://kubernetes.io/docs/setup/best-practices/certificates/

locals {
  authorities = {
    kubernetes  = "kubernetes-ca"
    etcd        = "etcd-ca"
    front-proxy = "kubernetes-front-proxy-ca"
  }

  # Each in as many generations as are trusted: "kubernetes/1".
  generations = {
    for pair in setproduct(keys(local.authorities), var.authorities.trusted) :
    "${pair[0]}/${pair[1]}" => { authority = pair[0], generation = pair[1] }
  }
  signing = { for name in keys(local.authorities) : name => "${name}/${var.authorities.signing}" }

  # What is trusted, as whoever verifies reads it: one certificate after the other.
  bundles = {
    for name in keys(local.authorities) : name => join("", [
      for generation in var.authorities.trusted : local.authority_certificates["${name}/${generation}"]
    ])
  }

  # What is given was made elsewhere, or by a state that is lost.
  given = {
    authorities     = nonsensitive(keys(var.secrets.authorities))
    service_account = nonsensitive(var.secrets.service_account_key != null)
    encryption_keys = nonsensitive(keys(var.secrets.encryption_keys))
  }
  authority_certificates = {
    for name in keys(local.generations) : name => (
      contains(local.given.authorities, name) ? nonsensitive(var.secrets.authorities[name].certificate) : tls_self_signed_cert.ca[name].cert_pem
    )
  }
  authority_keys = {
    for name in keys(local.generations) : name => (
      contains(local.given.authorities, name) ? var.secrets.authorities[name].key : tls_private_key.ca[name].private_key_pem
    )
  }
  service_account = {
    private_key = local.given.service_account ? var.secrets.service_account_key : tls_private_key.service_account[0].private_key_pem
    public_key  = local.given.service_account ? data.tls_public_key.service_account[0].public_key_pem : tls_private_key.service_account[0].public_key_pem
  }
  encryption_keys = {
    for name in var.encryption_keys : name => (
      contains(local.given.encryption_keys, name) ? var.secrets.encryption_keys[name] : random_bytes.encryption[name].base64
    )
  }

  server_uses = ["digital_signature", "server_auth"]
  client_uses = ["digital_signature", "client_auth"]
  both_uses   = concat(local.server_uses, ["client_auth"])

  # Certificates of each control-plane node, by their path below /etc/eksd/pki.
  certificates = merge([
    for name, node in var.control_plane : {
      for path, certificate in {
        "apiserver" = {
          authority = "kubernetes", common_name = "kube-apiserver", organization = null, uses = local.server_uses
          dns_names = concat(
            ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.${var.cluster_domain}", name, "localhost"],
            local.endpoint_ip ? [] : [local.endpoint_name],
            var.api_names.dns,
          )
          ip_addresses = distinct(concat(["127.0.0.1", node.address, local.service_api], local.endpoint_ip ? [local.endpoint_name] : [], var.api_names.ip))
        }
        "etcd/server" = {
          authority = "etcd", common_name = name, organization = null, uses = local.both_uses
          dns_names = [name, "localhost"], ip_addresses = ["127.0.0.1", node.address]
        }
        "etcd/peer" = {
          authority = "etcd", common_name = name, organization = null, uses = local.both_uses
          dns_names = [name, "localhost"], ip_addresses = ["127.0.0.1", node.address]
        }
        "etcd/healthcheck-client" = {
          authority = "etcd", common_name = "kube-etcd-healthcheck-client", organization = null, uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "apiserver-etcd-client" = {
          authority = "etcd", common_name = "kube-apiserver-etcd-client", organization = null, uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "apiserver-kubelet-client" = {
          authority = "kubernetes", common_name = "kube-apiserver-kubelet-client", organization = ["groma:kubelet-clients"], uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "front-proxy-client" = {
          authority = "front-proxy", common_name = "front-proxy-client", organization = null, uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "admin" = {
          authority = "kubernetes", common_name = "kubernetes-admin", organization = ["system:masters"], uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "controller-manager" = {
          authority = "kubernetes", common_name = "system:kube-controller-manager", organization = null, uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
        "scheduler" = {
          authority = "kubernetes", common_name = "system:kube-scheduler", organization = null, uses = local.client_uses
          dns_names = null, ip_addresses = null
        }
      } : "${name}/${path}" => merge(certificate, { node = name, path = path })
    }
  ]...)
}

resource "tls_private_key" "ca" {
  for_each    = { for name, generation in local.generations : name => generation if !contains(local.given.authorities, name) }
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_self_signed_cert" "ca" {
  for_each              = { for name, generation in local.generations : name => generation if !contains(local.given.authorities, name) }
  private_key_pem       = tls_private_key.ca[each.key].private_key_pem
  is_ca_certificate     = true
  validity_period_hours = 87600
  allowed_uses          = ["cert_signing", "crl_signing", "digital_signature"]

  subject {
    common_name  = local.authorities[each.value.authority]
    organization = var.name
  }
}

# Signs service-account tokens, the same on all API servers; it is a key pair and no certificate.
resource "tls_private_key" "service_account" {
  count     = local.given.service_account ? 0 : 1
  algorithm = "RSA"
  rsa_bits  = 2048
}

moved {
  from = tls_private_key.service_account
  to   = tls_private_key.service_account[0]
}

data "tls_public_key" "service_account" {
  count           = local.given.service_account ? 1 : 0
  private_key_pem = var.secrets.service_account_key
}

# Encrypt secrets in etcd, the same on all API servers.
resource "random_bytes" "encryption" {
  for_each = toset([for name in var.encryption_keys : name if !contains(local.given.encryption_keys, name)])
  length   = 32
}

resource "host_directory" "etcd_pki" {
  for_each = var.control_plane
  host     = each.value.host
  path     = "${module.control_plane.pki[each.key]}/etcd"
  mode     = "0755"
}

resource "host_file" "etcd_ca" {
  for_each = var.control_plane
  host     = each.value.host
  path     = "${host_directory.etcd_pki[each.key].path}/ca.crt"
  content  = local.bundles["etcd"]
  mode     = "0644"
}

resource "host_file" "front_proxy_ca" {
  for_each = var.control_plane
  host     = each.value.host
  path     = "${module.control_plane.pki[each.key]}/front-proxy-ca.crt"
  content  = local.bundles["front-proxy"]
  mode     = "0644"
}

resource "host_file" "service_account_key" {
  for_each          = var.control_plane
  host              = each.value.host
  path              = "${module.control_plane.pki[each.key]}/sa.key"
  sensitive_content = local.service_account.private_key
  mode              = "0600"
}

resource "host_file" "service_account_public_key" {
  for_each = var.control_plane
  host     = each.value.host
  path     = "${module.control_plane.pki[each.key]}/sa.pub"
  content  = local.service_account.public_key
  mode     = "0644"
}

resource "eksd_certificate" "this" {
  for_each           = local.certificates
  host               = var.control_plane[each.value.node].host
  path               = "${module.control_plane.pki[each.value.node]}/${each.value.path}.crt"
  common_name        = each.value.common_name
  organization       = each.value.organization
  dns_names          = each.value.dns_names
  ip_addresses       = each.value.ip_addresses
  uses               = each.value.uses
  ca_cert_pem        = local.authority_certificates[local.signing[each.value.authority]]
  ca_private_key_pem = local.authority_keys[local.signing[each.value.authority]]
  validity_hours     = var.validity_hours
  renew_before_hours = var.renew_before_hours
  depends_on         = [host_directory.etcd_pki]
}

# What runs on a control-plane node, and the administrator there, ask the node's own API server: no other component is between
# them, and with several nodes there are several ways.
locals {
  kubeconfigs = merge([
    for name in local.names : {
      "${name}/admin"              = { node = name, path = "admin", user = "kubernetes-admin" }
      "${name}/controller-manager" = { node = name, path = "controller-manager", user = "system:kube-controller-manager" }
      "${name}/scheduler"          = { node = name, path = "scheduler", user = "system:kube-scheduler" }
    }
  ]...)
}

resource "eksd_kubeconfig" "this" {
  for_each              = local.kubeconfigs
  host                  = var.control_plane[each.value.node].host
  path                  = "/etc/eksd/${each.value.path}.conf"
  cluster_name          = var.name
  server                = "https://127.0.0.1:6443"
  user                  = each.value.user
  certificate_authority = local.bundles["kubernetes"]
  client_certificate    = eksd_certificate.this[each.key].path
  client_key            = eksd_certificate.this[each.key].key_path
}
