# A control plane over two sites: two nodes in your own rack, the third one in EC2, in one plan and one state. Etcd keeps its quorum
# when either site is gone for as long as two of three remain; the one in the cloud is the tie-breaker.
#
# The sites reach each other by their private addresses (a VPN or Direct Connect that is there), and so does groma.

provider "aws" {
  region = var.region

  # Against an emulator no real credentials are used, and nothing is looked up elsewhere.
  access_key                  = var.emulator == null ? null : "test"
  secret_key                  = var.emulator == null ? null : "test"
  skip_credentials_validation = var.emulator != null
  skip_requesting_account_id  = var.emulator != null
  skip_metadata_api_check     = var.emulator != null

  dynamic "endpoints" {
    for_each = var.emulator == null ? [] : [var.emulator]
    content {
      ec2 = endpoints.value
      sts = endpoints.value
    }
  }
}

# The same log-in at both sites: Debian's images have the user admin, too.
provider "host" {
  user              = "admin"
  private_key_file  = var.preview ? null : var.private_key_file
  known_hosts_files = var.preview ? null : [var.known_hosts_file]
  become            = var.preview ? "none" : "sudo"
}

provider "eksd" {
  user              = "admin"
  private_key_file  = var.preview ? null : var.private_key_file
  known_hosts_files = var.preview ? null : [var.known_hosts_file]
  become            = var.preview ? "none" : "sudo"
}

data "eksd_release" "this" {
  channel = var.channel
  number  = var.number
  source  = var.release_source
}

# --- the rack ---

resource "host_machine" "rack" {
  for_each  = var.rack
  transport = var.preview ? "root" : "ssh"
  address   = var.preview ? null : each.value
  root      = var.preview ? "${path.root}/out/${each.key}" : null
}

# --- the cluster over both ---

locals {
  machines  = merge(host_machine.rack, { (var.cloud.name) = host_machine.cloud })
  addresses = merge(var.rack, { (var.cloud.name) = aws_instance.cloud.private_ip })
}

# What all nodes have in common before anything of Kubernetes is on them. A preview's folders have none of it.
module "baseline" {
  source   = "../../modules/host-baseline"
  for_each = { for name, machine in local.machines : name => machine.connection if !var.preview }
  host     = each.value
  hostname = each.key
}

module "cluster" {
  source  = "../../modules/eksd-cluster"
  name    = "hybrid"
  release = data.eksd_release.this

  control_plane = {
    for name in concat(keys(var.rack), [var.cloud.name]) : name => { host = local.machines[name].connection, address = local.addresses[name] }
  }
  # The sites do not share a link, so a CNI that tunnels brings the pods' network.
  network      = "none"
  cni_manifest = var.cni_manifest == null ? null : file(var.cni_manifest)

  # A preview writes folders, in which there is nothing to run.
  install     = !var.preview
  api_objects = !var.preview
  resolv_conf = var.resolv_conf

  depends_on = [module.baseline]
}
