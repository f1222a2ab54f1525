variable "region" {
  description = "Where everything is made."
  type        = string
  default     = "eu-central-1"
}

variable "name" {
  description = "Names everything."
  type        = string
  default     = "groma-demo"
}

variable "cidr" {
  description = "The VPC's address range; subnets are a sixteenth of it each."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 0))
    error_message = "The range must be written as in 10.42.0.0/16, and leave room for four more bits."
  }
}

variable "zones" {
  description = "How many availability zones to use."
  type        = number
  default     = 3
}

variable "instance_type" {
  description = "The hosts' size."
  type        = string
  default     = "t3.medium"
}

variable "admin_cidr" {
  description = "Who may reach the API and SSH."
  type        = string
  default     = "192.0.2.0/24"
}

variable "emulator" {
  description = "URL of an AWS emulator such as moto; null for AWS itself."
  type        = string
  default     = null
}
