# A cluster of EKS-D on hosts that are ready for it (modules/host-baseline): from certificates to cluster DNS.

terraform {
  required_providers {
    eksd = {
      source = "groma/eksd"
    }
    host = {
      source = "groma/host"
    }
    random = {
      source = "hashicorp/random"
    }
    tls = {
      source = "hashicorp/tls"
    }
  }
}

locals {
  names = sort(keys(var.control_plane))
  # Members come one after the other in the order of their names, so that no other one can begin a cluster.
  first = local.names[0]

  # The API as a node's own components reach it.
  endpoint = coalesce(var.api_address, "127.0.0.1:7443")
  server   = "https://${local.endpoint}"
  # Names in certificates; an address is none.
  endpoint_name = split(":", local.endpoint)[0]
  endpoint_ip   = can(cidrhost("${local.endpoint_name}/32", 0))

  service_api = cidrhost(var.service_cidr, 1)
  service_dns = cidrhost(var.service_cidr, 10)

  # Null where programs are not brought to the hosts.
  binaries = { for name, files in var.release.binaries : name => var.install ? files : null }

  etcd_endpoints = [for name in local.names : "https://${var.control_plane[name].address}:2379"]

  extra_args = { for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] :
    name => lookup(var.extra_args, name, null)
  }

  # What a registry sends is what the release says, as with the image of sandboxes in modules/eksd-node-pool.
  coredns = (
    var.install && var.image_layout == null && var.release.images["coredns"].digest != null && !contains(keys(var.release.image_archives), "coredns") ?
    "${var.release.images["coredns"].uri}@${var.release.images["coredns"].digest}" : var.release.images["coredns"].uri
  )

  # Through which hosts the API is reached: any that answers.
  api_hosts  = [for name in local.names : var.control_plane[name].host]
  kubeconfig = "/etc/eksd/admin.conf"
}
