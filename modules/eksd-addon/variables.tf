variable "hosts" {
  description = "Hosts that the cluster's API is reached through: module.NAME.api_hosts of modules/eksd-cluster."
  type        = list(string)
}

variable "kubeconfig" {
  description = "The path of the administrator's kubeconfig on those hosts: module.NAME.kubeconfig."
  type        = string
  default     = "/etc/eksd/admin.conf"
}

variable "manifests" {
  description = "What is applied, by names in whose order it is done and in whose reverse it is removed (`10-crds`, `20-operator`): each is a text (`yaml`), the path of a file (`file`), or the path of a template (`template`) with `variables` of its own. `wait` says whether its roll-outs are waited for before the next one is begun, `timeout` for how long."
  type = map(object({
    yaml      = optional(string)
    file      = optional(string)
    template  = optional(string)
    variables = optional(map(string), {})
    namespace = optional(string)
    wait      = optional(bool, true)
    timeout   = optional(string, "10m")
  }))

  validation {
    condition     = alltrue([for manifest in var.manifests : length([for source in [manifest.yaml, manifest.file, manifest.template] : source if source != null]) == 1])
    error_message = "Each manifest has exactly one of yaml, file and template."
  }
}

variable "variables" {
  description = "Variables of all templates."
  type        = map(string)
  default     = {}
}

variable "namespace" {
  description = "The namespace of objects that say none; `default` if null."
  type        = string
  default     = null
}

variable "force_conflicts" {
  description = "Whether fields that others own are taken over."
  type        = bool
  default     = false
}
