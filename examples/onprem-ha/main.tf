# A highly available EKS-D cluster on machines of your own: three control-plane nodes and two workers, from bare Debian to
# nodes that are Ready and cluster DNS that answers. An upgrade is an edit of `channel` or `number`.

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

variable "release_source" {
  description = "Where releases come from: the official site if null, a mirror's URL, or a folder."
  type        = string
  default     = null
}

variable "control_plane" {
  description = "Control-plane machines: their addresses by name."
  type        = map(string)
}

variable "workers" {
  description = "Worker machines, likewise."
  type        = map(string)
}

variable "user" {
  description = "Who logs in to the machines; becomes root by sudo if it is not root."
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

variable "lost" {
  description = "Addresses of machines that are gone for good, in the plan that takes them out."
  type        = list(string)
  default     = []
}

variable "cluster" {
  description = "What differs from the module's defaults: see modules/eksd-cluster."
  type = object({
    cgroup_driver          = optional(string, "systemd")
    fail_cgroup_v1         = optional(bool)
    conntrack              = optional(object({ max_per_core = optional(number), min = optional(number), tcp_established = optional(string), tcp_close_wait = optional(string) }), {})
    kubelet_config         = optional(string)
    resolv_conf            = optional(string)
    restrict_oom_score_adj = optional(bool, false)
    eviction_hard          = optional(map(string))
    dns_forward            = optional(string, "/etc/resolv.conf")
    extra_args             = optional(map(map(string)), {})
    replaced_members       = optional(map(string), {})
    restore_from           = optional(string)
    snapshots              = optional(object({ triggers = map(string), keep = optional(number, 3) }))
    encryption_keys        = optional(list(string), ["key1"])
    authorities            = optional(object({ trusted = optional(list(string), ["1"]), signing = optional(string, "1") }), {})
    drain                  = optional(object({ timeout = optional(string, "10m"), for_patches = optional(bool, false) }), {})
  })
  default = {}
}

variable "operators" {
  description = "People with a kubeconfig of their own, by name: on which host (`local:` is this machine) and at which path; see modules/eksd-cluster."
  type        = map(object({ host = string, kubeconfig = string }))
  default     = {}
}

variable "secrets" {
  description = "Authorities and keys of a cluster whose state is lost: what the output `secrets` said, or what was kept of it."
  type = object({
    authorities         = optional(map(object({ certificate = string, key = optional(string) })), {})
    service_account_key = optional(string)
    encryption_keys     = optional(map(string), {})
  })
  default   = {}
  sensitive = true
}

provider "host" {
  user              = var.user
  private_key_file  = var.private_key_file
  known_hosts_files = [var.known_hosts_file]
  become            = var.user == "root" ? "none" : "sudo"
  lost_hosts        = var.lost
}

# The same log-in: components are installed by the eksd provider.
provider "eksd" {
  user              = var.user
  private_key_file  = var.private_key_file
  known_hosts_files = [var.known_hosts_file]
  become            = var.user == "root" ? "none" : "sudo"
  lost_hosts        = var.lost
}

data "eksd_release" "this" {
  channel = var.channel
  number  = var.number
  source  = var.release_source
}

resource "host_machine" "control_plane" {
  for_each = var.control_plane
  address  = each.value
}

resource "host_machine" "worker" {
  for_each = var.workers
  address  = each.value
}

module "cluster" {
  source  = "../../modules/eksd-cluster"
  name    = "onprem"
  release = data.eksd_release.this

  control_plane = { for name, address in var.control_plane : name => { host = host_machine.control_plane[name].connection, address = address } }
  workers       = { for name, address in var.workers : name => { host = host_machine.worker[name].connection, address = address } }

  cgroup_driver          = var.cluster.cgroup_driver
  fail_cgroup_v1         = var.cluster.fail_cgroup_v1
  conntrack              = var.cluster.conntrack
  kubelet_config         = var.cluster.kubelet_config
  resolv_conf            = var.cluster.resolv_conf
  eviction_hard          = var.cluster.eviction_hard
  restrict_oom_score_adj = var.cluster.restrict_oom_score_adj
  dns_forward            = var.cluster.dns_forward
  extra_args             = var.cluster.extra_args
  replaced_members       = var.cluster.replaced_members
  restore_from           = var.cluster.restore_from
  snapshots              = var.cluster.snapshots
  encryption_keys        = var.cluster.encryption_keys
  authorities            = var.cluster.authorities
  drain                  = var.cluster.drain
  operators              = var.operators
  secrets                = var.secrets
}

output "release" {
  value = data.eksd_release.this.id
}

output "nodes" {
  value = module.cluster.nodes
}

output "snapshots" {
  value = module.cluster.snapshots
}

output "endpoint" {
  description = "The API as the nodes reach it."
  value       = module.cluster.endpoint
}

output "api_servers" {
  description = "The API as everybody else reaches it."
  value       = module.cluster.api_servers
}

output "secrets" {
  description = "What a lost state takes with it: keep it elsewhere, where only administrators read it."
  value       = module.cluster.secrets
  sensitive   = true
}
