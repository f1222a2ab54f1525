# A highly available control plane of EKS-D on three hosts. Each host is a folder here, in which all is written as on a machine and
# nothing is started: no root, no cloud, no downloads. With `address` in place of `transport` and `root`, without `source`, `install`
# and `api_objects`, the same configuration makes the control plane on real machines.

variable "channel" {
  description = "The EKS-D channel: the Kubernetes minor version, with a dash."
  type        = string
  default     = "1-34"
}

variable "number" {
  description = "The number of the release in its channel."
  type        = number
  default     = 21
}

locals {
  nodes = {
    cp1 = "10.20.0.11"
    cp2 = "10.20.0.12"
    cp3 = "10.20.0.13"
  }
}

# What the release is made of. The manifests of three lie beside this file, and .eksd.lock.hcl pins them.
data "eksd_release" "this" {
  channel = var.channel
  number  = var.number
  source  = "${path.root}/releases"
}

resource "host_machine" "node" {
  for_each  = local.nodes
  transport = "root"
  root      = "${path.root}/out/${each.key}"
}

module "cluster" {
  source  = "../../modules/eksd-cluster"
  name    = "quickstart"
  release = data.eksd_release.this

  control_plane = { for name, address in local.nodes : name => { host = host_machine.node[name].connection, address = address } }

  # In a folder there is nothing to run: neither programs (half a gigabyte on a machine) nor an API.
  install     = false
  api_objects = false
}

output "release" {
  value = data.eksd_release.this.version
}

output "endpoint" {
  value = module.cluster.endpoint
}
