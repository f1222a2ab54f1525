# What lies under /etc/kubernetes on each control-plane node, rendered to a folder for each.

terraform {
  required_providers {
    local = {
      source = "hashicorp/local"
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

resource "local_file" "authority" {
  for_each        = local.public
  filename        = "${var.directory}/${each.key}"
  content         = nonsensitive(var.pki.ca_certificates[each.value])
  file_permission = "0644"
}

resource "local_file" "certificate" {
  for_each        = local.certificates
  filename        = "${var.directory}/${each.key}.crt"
  content         = nonsensitive(var.pki.certificates[each.value].certificate)
  file_permission = "0644"

  lifecycle {
    precondition {
      condition     = contains(local.names, each.value)
      error_message = "The PKI has no certificate named ${each.value}: are the nodes given to both modules the same?"
    }
  }
}

resource "local_sensitive_file" "key" {
  for_each        = local.certificates
  filename        = "${var.directory}/${each.key}.key"
  content         = var.pki.certificates[each.value].key
  file_permission = "0600"
}

resource "local_sensitive_file" "service_account_key" {
  for_each        = var.nodes
  filename        = "${var.directory}/${each.key}/pki/sa.key"
  content         = var.pki.service_account.key
  file_permission = "0600"
}

resource "local_file" "service_account_public_key" {
  for_each        = var.nodes
  filename        = "${var.directory}/${each.key}/pki/sa.pub"
  content         = nonsensitive(var.pki.service_account.public_key)
  file_permission = "0644"
}

resource "local_sensitive_file" "kubeconfig" {
  for_each        = local.configs
  filename        = "${var.directory}/${each.key}"
  file_permission = "0600"
  content = templatefile("${path.module}/kubeconfig.tftpl", {
    cluster     = var.cluster_name
    server      = "https://${each.value.server}:${var.port}"
    user        = each.value.user
    ca          = var.pki.ca_certificates["kubernetes"]
    certificate = var.pki.certificates[each.value.certificate].certificate
    key         = var.pki.certificates[each.value.certificate].key
  })
}
