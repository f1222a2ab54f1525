variable "cluster_name" {
  description = "Names the cluster in the certificates' subjects."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", var.cluster_name))
    error_message = "A cluster name is made of lower-case letters, digits and dashes."
  }
}

variable "nodes" {
  description = "Control-plane nodes by name."
  type = map(object({
    address = string
  }))

  validation {
    condition     = length(var.nodes) % 2 == 1
    error_message = "An etcd cluster needs an odd number of members: ${length(var.nodes)} tolerate no more failures than ${length(var.nodes) - 1}."
  }
}

variable "endpoint" {
  description = "DNS name or address under which clients reach the API."
  type        = string
}

variable "service_cidr" {
  description = "The cluster's service network; its first address is the API's inside the cluster."
  type        = string
  default     = "10.96.0.0/12"
}

variable "ca_validity_hours" {
  description = "How long the certificate authorities are valid."
  type        = number
  default     = 87600
}

variable "validity_hours" {
  description = "How long the other certificates are valid."
  type        = number
  default     = 8760
}

variable "renew_before_hours" {
  description = "A certificate that expires within this time is replaced by the next apply."
  type        = number
  default     = 720
}
