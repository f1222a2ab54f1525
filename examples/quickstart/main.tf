# The PKI and the kubeconfigs of a control plane of three nodes. Each node is a folder here: with `transport = "ssh"` and an
# address instead of `root`, the same configuration writes to real machines.
# Needs no root, no cloud and no downloads.

locals {
  cluster  = "quickstart"
  endpoint = "api.quickstart.internal"

  nodes = {
    cp1 = { address = "10.20.0.11" }
    cp2 = { address = "10.20.0.12" }
    cp3 = { address = "10.20.0.13" }
  }
}

resource "host_machine" "node" {
  for_each  = local.nodes
  transport = "root"
  root      = "${path.root}/out/${each.key}"
}

module "pki" {
  source       = "../../modules/cluster-pki"
  cluster_name = local.cluster
  endpoint     = local.endpoint
  nodes        = local.nodes
}

module "files" {
  source       = "../../modules/control-plane-files"
  cluster_name = local.cluster
  endpoint     = local.endpoint
  nodes        = { for name, machine in host_machine.node : name => { host = machine.connection } }
  pki          = module.pki
}

output "kubeconfigs" {
  value = module.files.kubeconfigs
}

output "files" {
  value = module.files.files
}
