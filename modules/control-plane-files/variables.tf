variable "cluster_name" {
  description = "Names the cluster and the context in the kubeconfigs."
  type        = string
}

variable "endpoint" {
  description = "DNS name or address under which clients reach the API."
  type        = string
}

variable "port" {
  description = "Port of the API."
  type        = number
  default     = 6443
}

variable "nodes" {
  description = "Control-plane nodes by name, with the connections of their machines (host_machine.NAME.connection)."
  type = map(object({
    host = string
  }))
}

variable "pki" {
  description = "The outputs of the module cluster-pki."
  type = object({
    ca_certificates = map(string)
    certificates    = map(object({ certificate = string, key = string }))
    service_account = object({ key = string, public_key = string })
  })
  sensitive = true
}
