variable "rack" {
  description = "The addresses of the control-plane machines in the rack, by name."
  type        = map(string)
  default     = { rack1 = "10.0.0.11", rack2 = "10.0.0.12" }
}

variable "cloud" {
  description = "The machine in EC2: its name, the range of its VPC (which the rack routes to), and its size."
  type = object({
    name          = optional(string, "cloud1")
    cidr          = optional(string, "10.42.0.0/16")
    instance_type = optional(string, "t3.medium")
  })
  default = {}
}

variable "region" {
  description = "Where the machine in EC2 is."
  type        = string
  default     = "eu-central-1"
}

variable "public_key" {
  description = "The public half of private_key_file, as in ~/.ssh/id_ed25519.pub."
  type        = string
}

variable "private_key_file" {
  description = "The key that all machines accept."
  type        = string
  default     = "~/.ssh/id_ed25519"
}

variable "known_hosts_file" {
  description = "The host keys of the machines in the rack."
  type        = string
  default     = "~/.ssh/known_hosts"
}

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

variable "cni_manifest" {
  description = "The path of the manifest of a CNI that tunnels between the sites, such as Calico's or Cilium's."
  type        = string
  default     = null
}

variable "cni_ports" {
  description = "What the CNI sends from node to node, by names of yours: the ports of its tunnels, of its routing and of its health checks. Those of Calico and Cilium as they come if not set; another CNI, or another kind of tunnel, has others."
  type        = map(object({ protocol = string, from = number, to = number }))
  default = {
    calico-ipip      = { protocol = "4", from = -1, to = -1 }
    calico-vxlan     = { protocol = "udp", from = 4789, to = 4789 }
    calico-bgp       = { protocol = "tcp", from = 179, to = 179 }
    calico-typha     = { protocol = "tcp", from = 5473, to = 5473 }
    calico-wireguard = { protocol = "udp", from = 51820, to = 51820 }
    cilium-vxlan     = { protocol = "udp", from = 8472, to = 8472 }
    cilium-geneve    = { protocol = "udp", from = 6081, to = 6081 }
    cilium-health    = { protocol = "tcp", from = 4240, to = 4240 }
    cilium-wireguard = { protocol = "udp", from = 51871, to = 51871 }
    ping             = { protocol = "icmp", from = -1, to = -1 }
  }
}

variable "resolv_conf" {
  description = "The file with the name servers that CoreDNS asks, on the nodes; found by itself if null, see modules/eksd-cluster."
  type        = string
  default     = null
}

variable "emulator" {
  description = "URL of an AWS emulator such as moto; null for AWS itself."
  type        = string
  default     = null
}

variable "preview" {
  description = "Whether all machines are folders under out/, to see what would be written on them."
  type        = bool
  default     = false
}

check "network" {
  assert {
    condition     = var.preview || var.cni_manifest != null
    error_message = "Without a CNI the nodes do not become ready: name its manifest in cni_manifest."
  }
}
