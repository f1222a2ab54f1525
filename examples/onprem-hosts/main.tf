# Five machines in a rack that only a bastion reaches, made ready for Kubernetes.

variable "bastion" {
  description = "The bastion's address, and who logs in there."
  type        = object({ address = string, user = optional(string, "admin") })
}

variable "nodes" {
  description = "The addresses of the machines, as the bastion sees them, by name."
  type        = map(string)
}

variable "user" {
  description = "Who logs in to the machines; becomes root by sudo."
  type        = string
  default     = "admin"
}

variable "private_key_file" {
  description = "The key that all machines accept."
  type        = string
  default     = "~/.ssh/id_ed25519"
}

variable "known_hosts_file" {
  description = "The machines' host keys."
  type        = string
  default     = "~/.ssh/known_hosts"
}

variable "baseline" {
  description = "What differs from the module's defaults: see modules/host-baseline."
  type = object({
    packages       = optional(set(string), ["ca-certificates", "conntrack", "ethtool", "iptables", "kmod", "socat"])
    kernel_modules = optional(set(string), ["overlay", "br_netfilter"])
    sysctls        = optional(map(string), { "net.ipv4.ip_forward" = "1", "vm.overcommit_memory" = "1", "kernel.panic" = "10" })
    time_service   = optional(object({ package = string, unit = string }), { package = "systemd-timesyncd", unit = "systemd-timesyncd.service" })
  })
  default = {}
}

provider "host" {
  user              = var.user
  private_key_file  = var.private_key_file
  known_hosts_files = [var.known_hosts_file]
  become            = "sudo"
}

resource "host_machine" "bastion" {
  address = var.bastion.address
  user    = var.bastion.user
}

resource "host_machine" "node" {
  for_each = var.nodes
  address  = each.value
  jump     = [host_machine.bastion.connection]
}

module "baseline" {
  source   = "../../modules/host-baseline"
  for_each = host_machine.node

  host               = each.value.connection
  hostname           = each.key
  packages           = var.baseline.packages
  kernel_modules     = var.baseline.kernel_modules
  time_service       = var.baseline.time_service
  kubernetes_sysctls = var.baseline.sysctls

  # Every machine knows all others by name.
  hosts_entries = { for name, address in var.nodes : address => [name, "${name}.rack.internal"] }

  users = {
    deploy = {
      authorized_keys = [tls_private_key.deploy.public_key_openssh]
      sudo            = true
      remove_home     = true
    }
  }
}

resource "tls_private_key" "deploy" {
  algorithm = "ED25519"
}

output "machines" {
  value = {
    for name, machine in host_machine.node : name => "${machine.os_name}, ${machine.kernel}, ${machine.cpus} CPUs"
  }
}

output "deploy_key" {
  value     = tls_private_key.deploy.private_key_openssh
  sensitive = true
}
