variable "host" {
  description = "The host's connection: host_machine.NAME.connection."
  type        = string
}

variable "hostname" {
  description = "The host's name; left as it is if null."
  type        = string
  default     = null
}

variable "timezone" {
  description = "The time zone; left as it is if null."
  type        = string
  default     = "Etc/UTC"
}

variable "packages" {
  description = "Packages that are installed."
  type        = set(string)
  default     = ["ca-certificates", "conntrack", "ethtool", "iptables", "kmod", "socat"]
}

variable "time_service" {
  description = "The package and unit that keep the clock right; none if null."
  type        = object({ package = string, unit = string })
  default     = { package = "systemd-timesyncd", unit = "systemd-timesyncd.service" }
}

variable "kernel_modules" {
  description = "Kernel modules that are loaded, now and at each start."
  type        = set(string)
  default     = ["overlay", "br_netfilter"]
}

variable "sysctls" {
  description = "Kernel settings, besides what Kubernetes needs."
  type        = map(string)
  default     = {}
}

variable "kubernetes_sysctls" {
  description = "Kernel settings that Kubernetes needs, and those that the kubelet checks (protectKernelDefaults)."
  type        = map(string)
  default = {
    "net.ipv4.ip_forward"                 = "1"
    "net.bridge.bridge-nf-call-iptables"  = "1"
    "net.bridge.bridge-nf-call-ip6tables" = "1"
    "vm.overcommit_memory"                = "1"
    "vm.panic_on_oom"                     = "0"
    "kernel.panic"                        = "10"
    "kernel.panic_on_oops"                = "1"
  }
}

variable "users" {
  description = "People who may log in, with their keys; those with sudo become root without a password. Homes stay when they go, unless remove_home says otherwise."
  type = map(object({
    authorized_keys = list(string)
    groups          = optional(set(string), [])
    shell           = optional(string, "/bin/bash")
    sudo            = optional(bool, false)
    remove_home     = optional(bool, false)
  }))
  default = {}
}

variable "hosts_entries" {
  description = "Names by address for /etc/hosts."
  type        = map(list(string))
  default     = {}
}

variable "ssh" {
  description = "What the SSH server allows."
  type = object({
    permit_root_login       = optional(string, "prohibit-password")
    password_authentication = optional(bool, false)
    unit                    = optional(string, "ssh.service")
  })
  default = {}
}
