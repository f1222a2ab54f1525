# The PKI and the kubeconfigs of a control plane of three nodes, rendered to a folder for each node.
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
  nodes        = local.nodes
  pki          = module.pki
  directory    = "${path.root}/out"
}

output "kubeconfigs" {
  value = module.files.kubeconfigs
}

output "files" {
  value = module.files.files
}
