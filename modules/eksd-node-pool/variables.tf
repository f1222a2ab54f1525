variable "cluster" {
  description = "The cluster to join: module.NAME.join of modules/eksd-cluster, whole."
  type = object({
    name               = string
    server             = string
    api_servers        = list(string)
    api_hosts          = list(string)
    kubeconfig         = string
    trusted_pem        = string
    ca_certificate_pem = string
    ca_private_key_pem = string
    cluster_dns        = string
    cluster_domain     = string
    pod_cidr           = string
    network            = string
    masquerade         = object({ enabled = bool, except = list(string) })
    drain              = object({ timeout = string, for_patches = bool, delete_emptydir_data = bool, delete_bare_pods = bool })
    nodes              = map(object({ host = string, address = string, pod_cidr = string }))
  })
}

variable "release" {
  description = "What runs on the pool's nodes: data.eksd_release.NAME, whole. It may be older than the cluster's by up to three minor versions of Kubernetes, and never newer."
  type = object({
    version        = string
    binaries       = map(map(object({ uri = string, sha256 = string, sha512 = string })))
    images         = map(object({ uri = string, digest = string }))
    image_archives = map(map(object({ uri = string, sha256 = string, sha512 = string })))
  })
}

variable "nodes" {
  description = "The pool's nodes by name: how groma reaches them, their address as other nodes see it, and what they have beside what the pool has."
  type = map(object({
    host    = string
    address = string
    # Where the node's pods get their addresses from; taken from the cluster's network by the last byte of the address if null.
    pod_cidr = optional(string)
    labels   = optional(map(string), {})
    taints   = optional(list(object({ key = string, value = optional(string), effect = string })), [])
  }))
}

variable "role" {
  description = "What the nodes are for: their label node-role.kubernetes.io/ROLE."
  type        = string
  default     = "worker"
}

variable "start_after" {
  description = "Kubelets start, and change, only after this: resources or outputs, as in depends_on."
  type        = any
  default     = null
}

variable "ready_after" {
  description = "Nodes are waited for only after this, likewise."
  type        = any
  default     = null
}

variable "labels" {
  description = "Labels of all nodes of the pool, beside that of their role."
  type        = map(string)
  default     = {}
}

variable "taints" {
  description = "Taints of all nodes of the pool. They have them from the moment they join."
  type        = list(object({ key = string, value = optional(string), effect = string }))
  default     = []

  validation {
    condition     = alltrue([for taint in var.taints : contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect)])
    error_message = "The effect of a taint is NoSchedule, PreferNoSchedule or NoExecute."
  }
}

variable "peers" {
  description = "Nodes of other pools that this one and they must have routes to each other for: module.NAME.nodes of pools that were there before. Of two pools only one names the other."
  type        = map(object({ host = string, address = string, pod_cidr = string }))
  default     = {}
}

variable "validity_hours" {
  description = "How long certificates of the nodes are valid."
  type        = number
  default     = 8760
}

variable "renew_before_hours" {
  description = "How long before its end a certificate is renewed by the next apply."
  type        = number
  default     = 720
}

variable "max_pods" {
  description = "How many pods may run on a node; the kubelet's default if null."
  type        = number
  default     = null
}

variable "extra_args" {
  description = "More flags of `kubelet` and `kube-proxy`, by component, as in modules/eksd-cluster."
  type        = map(map(string))
  default     = {}
}

variable "cgroup_driver" {
  description = "How containers get their cgroups: `systemd` (cgroup version 2), or `cgroupfs`."
  type        = string
  default     = "systemd"
}

variable "fail_cgroup_v1" {
  description = "Whether kubelets refuse hosts with version 1 of cgroups; what the kubelet's version does if null."
  type        = bool
  default     = null
}

variable "fail_swap_on" {
  description = "Whether kubelets refuse hosts with swap; their default, which is yes, if null."
  type        = bool
  default     = null
}

variable "resolv_conf" {
  description = "The file with the name servers that pods with the host's DNS get, as in modules/eksd-cluster."
  type        = string
  default     = null
}

variable "restrict_oom_score_adj" {
  description = "Needed where hosts may not protect processes from being ended for want of memory, as in most containers."
  type        = bool
  default     = false
}

variable "eviction_hard" {
  description = "When kubelets evict pods at once, such as { \"nodefs.available\" = \"10%\" }; the kubelet's defaults if null."
  type        = map(string)
  default     = null
}

variable "kubelet_config" {
  description = "More fields of the KubeletConfiguration, as the text of a JSON object."
  type        = string
  default     = null
}

variable "conntrack" {
  description = "How kube-proxy sets the kernel's following of connections, as in modules/eksd-cluster."
  type = object({
    max_per_core    = optional(number)
    min             = optional(number)
    tcp_established = optional(string)
    tcp_close_wait  = optional(string)
  })
  default = {}
}

variable "runtime_packages" {
  description = "The distribution's packages that bring containerd and runc, the first one with `containerd.service`: [\"containerd.io\"] of Docker's repository."
  type        = list(string)
  default     = ["containerd"]

  validation {
    condition     = length(var.runtime_packages) > 0
    error_message = "A node needs a container runtime: name at least one package."
  }
}

variable "image_layout" {
  description = "A folder of the machine that groma runs on that is an OCI layout with the release's images, for hosts without a registry: `eksd_mirror.NAME.layout`, or one that another program made. Images that the release brings as archives are taken from those."
  type        = string
  default     = null
}

variable "registry_mirrors" {
  description = "URLs that are asked before a registry, by its name."
  type        = map(list(string))
  default     = null
}

variable "install" {
  description = "Whether programs and images are brought to the hosts, as in modules/eksd-cluster."
  type        = bool
  default     = true
}

variable "api_objects" {
  description = "Whether the nodes are managed in the cluster's API, too, as in modules/eksd-cluster."
  type        = bool
  default     = true
}
