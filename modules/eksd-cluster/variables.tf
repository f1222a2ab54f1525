variable "name" {
  description = "Names the cluster: in its certificates, its kubeconfigs and its components."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", var.name))
    error_message = "A cluster name is made of lower-case letters, digits and dashes."
  }
}

variable "release" {
  description = "What runs: data.eksd_release.NAME, whole."
  type = object({
    version              = string
    kubernetes_version   = string
    etcd_release_version = string
    binaries             = map(map(object({ uri = string, sha256 = string, sha512 = string })))
    images               = map(object({ uri = string, digest = string }))
    image_archives       = map(map(object({ uri = string, sha256 = string, sha512 = string })))
  })
}

variable "control_plane" {
  description = "Control-plane nodes by name: how groma reaches them, and their address as other nodes see it."
  type = map(object({
    host    = string
    address = string
    # Where the node's pods get their addresses from; taken from pod_cidr by the last byte of the address if null.
    pod_cidr = optional(string)
    labels   = optional(map(string), {})
  }))

  validation {
    condition     = length(var.control_plane) > 0
    error_message = "A cluster needs at least one control-plane node."
  }
}

variable "workers" {
  description = "Worker nodes by name, likewise."
  type = map(object({
    host     = string
    address  = string
    pod_cidr = optional(string)
    labels   = optional(map(string), {})
    taints   = optional(list(object({ key = string, value = optional(string), effect = string })), [])
  }))
  default = {}
}

variable "api_address" {
  description = "A load balancer's HOST:PORT in front of the API servers; if null, each node has one of its own on 127.0.0.1:7443."
  type        = string
  default     = null
}

variable "api_names" {
  description = "More names and addresses under which people reach the API: they get into its certificates."
  type        = object({ dns = optional(list(string), []), ip = optional(list(string), []) })
  default     = {}
}

variable "service_cidr" {
  description = "The network of Services. Its first address is the API's, its tenth the cluster DNS's."
  type        = string
  default     = "10.96.0.0/16"
}

variable "pod_cidr" {
  description = "The network of pods; each node has a /24 of it."
  type        = string
  default     = "10.244.0.0/16"
}

variable "cluster_domain" {
  description = "The cluster's DNS domain."
  type        = string
  default     = "cluster.local"
}

variable "network" {
  description = "How pods reach each other: `routes` (the release's bridge plugin, and a route on each node to the pods of each other; nodes share one link), or `none` (a CNI such as Calico or Cilium, which cni_manifest brings)."
  type        = string
  default     = "routes"

  validation {
    condition     = contains(["routes", "none"], var.network)
    error_message = "network is routes or none."
  }
}

variable "masquerade" {
  description = "With network = \"routes\": whether what pods send out of the pods' network gets the address of their node, as no router knows theirs. `except` names networks that have routes to the pods: what goes there keeps the pod's address."
  type = object({
    enabled = optional(bool, true)
    except  = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for network in var.masquerade.except : can(cidrnetmask(network))])
    error_message = "masquerade.except lists networks such as 10.0.0.0/8."
  }
}

variable "cni_manifest" {
  description = "The manifest of a CNI, as a text: applied once there are API servers, and before nodes are waited for to be ready. With network = \"none\"."
  type        = string
  default     = null
}

variable "dns" {
  description = "Whether CoreDNS of the release is run as the cluster's DNS."
  type        = bool
  default     = true
}

variable "schedule_on_control_plane" {
  description = "Whether pods of users may run on control-plane nodes, as on a single machine."
  type        = bool
  default     = false
}

variable "drain" {
  description = "How pods are moved away from a node, as disruption budgets allow, before another minor version of its kubelet starts: see `drain` of eksd_kubelet."
  type = object({
    timeout              = optional(string, "10m")
    for_patches          = optional(bool, false)
    delete_emptydir_data = optional(bool, true)
    delete_bare_pods     = optional(bool, false)
  })
  default = {}
}

variable "validity_hours" {
  description = "How long certificates of nodes and components are valid."
  type        = number
  default     = 8760
}

variable "renew_before_hours" {
  description = "How long before its end a certificate is renewed by the next apply."
  type        = number
  default     = 720
}

variable "authorities" {
  description = "Generations of the three authorities by names of yours: which are trusted, and which signs. How they are changed without breaking trust is in the README."
  type = object({
    trusted = optional(list(string), ["1"])
    signing = optional(string, "1")
  })
  default = {}

  validation {
    condition     = contains(var.authorities.trusted, var.authorities.signing)
    error_message = "Nobody would trust what is signed: let the new authorities be trusted first, apply that, and sign by them then."
  }
}

variable "encryption_keys" {
  description = "Names of yours for the keys that secrets are encrypted with in etcd: the first one for what is written, all for what is read. How they are changed is in the README."
  type        = list(string)
  default     = ["key1"]

  validation {
    condition     = length(var.encryption_keys) > 0
    error_message = "Secrets would lie in etcd as they are: name at least one key."
  }
}

variable "extra_args" {
  description = "More flags by component, such as { kube-apiserver = { v = \"4\" } }. Refused are those that the module sets itself, and those that follow from others, such as --name of etcd: what groma finds members, nodes and files by must be what they say."
  type        = map(map(string))
  default     = {}
}

variable "cgroup_driver" {
  description = "How containers get their cgroups: `systemd` (cgroup version 2), or `cgroupfs`."
  type        = string
  default     = "systemd"
}

variable "secrets" {
  description = "Authorities and keys of a cluster that runs and whose state is lost: what the output `secrets` said, or what was kept of it. `authorities` by authority and generation (`kubernetes/1`, `etcd/1`, `front-proxy/1`): one without its key is trusted, and signs nothing. `service_account_key` is the content of /etc/eksd/pki/sa.key, `encryption_keys` are secrets of /etc/eksd/encryption.yaml by their names. What is not given is generated."
  type = object({
    authorities         = optional(map(object({ certificate = string, key = optional(string) })), {})
    service_account_key = optional(string)
    encryption_keys     = optional(map(string), {})
  })
  default   = {}
  sensitive = true

  validation {
    condition     = alltrue([for name in keys(var.secrets.authorities) : can(regex("^(kubernetes|etcd|front-proxy)/.", name))])
    error_message = "secrets.authorities are named by authority and generation: kubernetes/1, etcd/1, front-proxy/1."
  }
}

variable "operators" {
  description = "People with a kubeconfig of their own, by the names that the API knows them by: on which host it lies (`local:` is the machine that groma runs on), and its path there, in a folder that exists. `groups` say what they may do, `server` is the URL that they reach the API by, if not the first of `api_servers`."
  type = map(object({
    host       = string
    kubeconfig = string
    groups     = optional(list(string), ["system:masters"])
    server     = optional(string)
  }))
  default = {}
}

variable "replaced_members" {
  description = "By node: the id of the etcd member that is gone for good and whose place the node's new one takes."
  type        = map(string)
  default     = {}
}

variable "restore_from" {
  description = "The path of an etcd snapshot on the first control-plane node by name, that a new cluster is made of after the loss of a quorum: see the README. To be taken out again once that is done."
  type        = string
  default     = null
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
  description = "The file with the name servers that pods with the host's DNS get, CoreDNS among them. If null, systemd-resolved's own where the host's /etc/resolv.conf is its stub, else the kubelet's default."
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
  description = "How kube-proxy sets the kernel's following of connections: `max_per_core` 0 and times of \"0s\" leave the kernel's settings, as where nodes share a kernel."
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

variable "dns_forward" {
  description = "Where CoreDNS asks for names outside the cluster: addresses, or /etc/resolv.conf; nowhere if empty."
  type        = string
  default     = "/etc/resolv.conf"
}

variable "snapshots" {
  description = "Snapshots of etcd on every control-plane node: a new one is taken whenever a value of `triggers` changes (a date, the release before an upgrade), and the last `keep` stay. None if null."
  type = object({
    triggers = map(string)
    keep     = optional(number, 3)
  })
  default = null
}

variable "install" {
  description = "Whether programs and images are brought to the hosts. If not, they must be there already, as in images of the machines; hosts that are folders (transport `root`) show everything but them."
  type        = bool
  default     = true
}

variable "api_objects" {
  description = "Whether what is in the cluster's API is managed, too: roles, nodes, DNS. If not, only hosts are: where somebody else does that, and for hosts that are folders, where no API is."
  type        = bool
  default     = true
}
