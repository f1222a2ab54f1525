# What lies under /etc/kubernetes on each control-plane node.

terraform {
  required_providers {
    host = {
      source = "groma/host"
    }
  }
}

locals {
  # Names and places are no secret, what is in the files is.
  names = nonsensitive(toset(keys(var.pki.certificates)))

  shared = {
    "pki/apiserver-kubelet-client" = "apiserver-kubelet-client"
    "pki/apiserver-etcd-client"    = "apiserver-etcd-client"
    "pki/front-proxy-client"       = "front-proxy-client"
  }

  own = {
    "pki/apiserver"   = "apiserver"
    "pki/etcd/server" = "etcd-server"
    "pki/etcd/peer"   = "etcd-peer"
    "pki/kubelet"     = "kubelet"
  }

  authorities = {
    "pki/ca.crt"             = "kubernetes"
    "pki/etcd/ca.crt"        = "etcd"
    "pki/front-proxy-ca.crt" = "front-proxy"
  }

  kubeconfigs = {
    "admin.conf"              = { user = "kubernetes-admin", certificate = "admin" }
    "controller-manager.conf" = { user = "system:kube-controller-manager", certificate = "kube-controller-manager" }
    "scheduler.conf"          = { user = "system:kube-scheduler", certificate = "kube-scheduler" }
  }

  # Files by node and path below /etc/kubernetes.
  certificates = merge([
    for node in keys(var.nodes) : merge(
      { for path, name in local.shared : "${node}/${path}" => name },
      { for path, name in local.own : "${node}/${path}" => "${node}/${name}" },
    )
  ]...)

  public = merge([
    for node in keys(var.nodes) : { for path, name in local.authorities : "${node}/${path}" => name }
  ]...)

  configs = merge([
    for node in keys(var.nodes) : merge(
      { for path, config in local.kubeconfigs : "${node}/${path}" => merge(config, { server = var.endpoint }) },
      { "${node}/kubelet.conf" = { user = "system:node:${node}", certificate = "${node}/kubelet", server = var.endpoint } },
    )
  ]...)
}

# Outer folders first, so that inner ones find theirs.
resource "host_directory" "kubernetes" {
  for_each = var.nodes
  host     = each.value.host
  path     = "/etc/kubernetes"
  mode     = "0755"
}

resource "host_directory" "pki" {
  for_each = host_directory.kubernetes
  host     = each.value.host
  path     = "${each.value.path}/pki"
  mode     = "0755"
}

resource "host_directory" "etcd" {
  for_each = host_directory.pki
  host     = each.value.host
  path     = "${each.value.path}/etcd"
  mode     = "0755"
}

resource "host_file" "authority" {
  for_each   = local.public
  host       = var.nodes[split("/", each.key)[0]].host
  path       = "/etc/kubernetes/${trimprefix(each.key, "${split("/", each.key)[0]}/")}"
  content    = nonsensitive(var.pki.ca_certificates[each.value])
  mode       = "0644"
  depends_on = [host_directory.etcd]
}

resource "host_file" "certificate" {
  for_each   = local.certificates
  host       = var.nodes[split("/", each.key)[0]].host
  path       = "/etc/kubernetes/${trimprefix(each.key, "${split("/", each.key)[0]}/")}.crt"
  content    = nonsensitive(var.pki.certificates[each.value].certificate)
  mode       = "0644"
  depends_on = [host_directory.etcd]

  lifecycle {
    precondition {
      condition     = contains(local.names, each.value)
      error_message = "The PKI has no certificate named ${each.value}: are the nodes given to both modules the same?"
    }
  }
}

resource "host_file" "key" {
  for_each          = local.certificates
  host              = var.nodes[split("/", each.key)[0]].host
  path              = "/etc/kubernetes/${trimprefix(each.key, "${split("/", each.key)[0]}/")}.key"
  sensitive_content = var.pki.certificates[each.value].key
  mode              = "0600"
  depends_on        = [host_directory.etcd]
}

resource "host_file" "service_account_key" {
  for_each          = var.nodes
  host              = each.value.host
  path              = "${host_directory.pki[each.key].path}/sa.key"
  sensitive_content = var.pki.service_account.key
  mode              = "0600"
}

resource "host_file" "service_account_public_key" {
  for_each = var.nodes
  host     = each.value.host
  path     = "${host_directory.pki[each.key].path}/sa.pub"
  content  = nonsensitive(var.pki.service_account.public_key)
  mode     = "0644"
}

resource "host_file" "kubeconfig" {
  for_each   = local.configs
  host       = var.nodes[split("/", each.key)[0]].host
  path       = "/etc/kubernetes/${split("/", each.key)[1]}"
  mode       = "0600"
  depends_on = [host_directory.kubernetes]

  sensitive_content = templatefile("${path.module}/kubeconfig.tftpl", {
    cluster     = var.cluster_name
    server      = "https://${each.value.server}:${var.port}"
    user        = each.value.user
    ca          = var.pki.ca_certificates["kubernetes"]
    certificate = var.pki.certificates[each.value.certificate].certificate
    key         = var.pki.certificates[each.value.certificate].key
  })
}
