# A whole cluster of EKS-D on one machine, for developers: the machine that groma runs on, or one that it reaches by SSH. Control
# plane and worker are one node; etcd has one member.

variable "address" {
  description = "The address of the machine, reached by SSH; the machine that groma runs on (as root) if null."
  type        = string
  default     = null
}

variable "name" {
  description = "The node's name."
  type        = string
  default     = "dev"
}

variable "number" {
  description = "The number of the release in its channel."
  type        = number
  default     = 21
}

variable "channel" {
  description = "The EKS-D channel: the Kubernetes minor version, with a dash."
  type        = string
  default     = "1-34"
}

variable "release_source" {
  description = "Where releases come from: the official site if null, a mirror's URL, or a folder."
  type        = string
  default     = null
}

variable "ssh" {
  description = "Who logs in by SSH, with which key, and where the machine's host key is."
  type = object({
    user             = optional(string, "root")
    private_key_file = optional(string, "~/.ssh/id_ed25519")
    known_hosts_file = optional(string, "~/.ssh/known_hosts")
  })
  default = {}
}

variable "machine" {
  description = "What the machine needs besides: packages, kernel modules, kernel settings."
  type = object({
    packages       = optional(set(string), ["conntrack", "iptables", "kmod"])
    kernel_modules = optional(set(string), ["overlay", "br_netfilter"])
    sysctls        = optional(map(string), { "net.ipv4.ip_forward" = "1", "net.bridge.bridge-nf-call-iptables" = "1" })
  })
  default = {}
}

variable "cluster" {
  description = "What differs from the module's defaults where the machine is a container itself: see modules/eksd-cluster."
  type = object({
    cgroup_driver          = optional(string, "systemd")
    conntrack              = optional(object({ max_per_core = optional(number), min = optional(number), tcp_established = optional(string), tcp_close_wait = optional(string) }), {})
    restrict_oom_score_adj = optional(bool, false)
    eviction_hard          = optional(map(string))
    resolv_conf            = optional(string)
    dns_forward            = optional(string, "/etc/resolv.conf")
  })
  default = {}
}

# Both providers log in alike: the host's own things, and the components.
provider "host" {
  user              = var.ssh.user
  private_key_file  = var.address == null ? null : var.ssh.private_key_file
  known_hosts_files = var.address == null ? null : [var.ssh.known_hosts_file]
  become            = var.address == null || var.ssh.user == "root" ? "none" : "sudo"
}

provider "eksd" {
  user              = var.ssh.user
  private_key_file  = var.address == null ? null : var.ssh.private_key_file
  known_hosts_files = var.address == null ? null : [var.ssh.known_hosts_file]
  become            = var.address == null || var.ssh.user == "root" ? "none" : "sudo"
}

data "eksd_release" "this" {
  channel = var.channel
  number  = var.number
  source  = var.release_source
}

# This machine's own address, as a kubelet takes no loopback one.
data "host_facts" "here" {
  count = var.address == null ? 1 : 0
  host  = "local:"
}

locals {
  address = var.address != null ? var.address : [for address in data.host_facts.here[0].addresses : address if !strcontains(address, ":")][0]
}

resource "host_machine" "this" {
  transport = var.address == null ? "local" : "ssh"
  address   = var.address
}

resource "host_package" "this" {
  for_each = var.machine.packages
  host     = host_machine.this.connection
  name     = each.value
}

resource "host_kernel_module" "this" {
  for_each   = var.machine.kernel_modules
  host       = host_machine.this.connection
  name       = each.value
  depends_on = [host_package.this]
}

resource "host_sysctl" "this" {
  for_each   = var.machine.sysctls
  host       = host_machine.this.connection
  name       = each.key
  value      = each.value
  depends_on = [host_kernel_module.this]
}

module "cluster" {
  source  = "../../modules/eksd-cluster"
  name    = "local"
  release = data.eksd_release.this

  control_plane = { (var.name) = { host = host_machine.this.connection, address = local.address } }

  schedule_on_control_plane = true
  # A developer's machine may keep its swap; pods use none of it.
  fail_swap_on = false

  cgroup_driver          = var.cluster.cgroup_driver
  conntrack              = var.cluster.conntrack
  restrict_oom_score_adj = var.cluster.restrict_oom_score_adj
  eviction_hard          = var.cluster.eviction_hard
  resolv_conf            = var.cluster.resolv_conf
  dns_forward            = var.cluster.dns_forward

  depends_on = [host_package.this, host_sysctl.this]
}

output "kubectl" {
  description = "How to look at it, on the machine."
  value       = "kubectl --kubeconfig ${module.cluster.kubeconfig} get nodes"
}

output "nodes" {
  value = module.cluster.nodes
}
