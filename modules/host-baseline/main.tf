# What every host of a Kubernetes cluster has in common, before anything of Kubernetes is on it.

terraform {
  required_providers {
    host = {
      source = "groma/host"
    }
  }
}

locals {
  # Numbered, as a key itself may not be known before it is made.
  keys = merge([
    for name, user in var.users : { for i, key in user.authorized_keys : "${name} ${i}" => { user = name, key = key } }
  ]...)
}

# --- names and time ---

resource "host_hostname" "this" {
  count = var.hostname == null ? 0 : 1
  host  = var.host
  name  = var.hostname
}

resource "host_hosts_entry" "this" {
  for_each = var.hosts_entries
  host     = var.host
  address  = each.key
  names    = each.value
}

resource "host_timezone" "this" {
  count = var.timezone == null ? 0 : 1
  host  = var.host
  zone  = var.timezone
}

# --- packages and the clock ---

resource "host_package" "this" {
  for_each = setunion(var.packages, var.time_service == null ? [] : [var.time_service.package])
  host     = var.host
  name     = each.value
}

resource "host_service" "time" {
  count      = var.time_service == null ? 0 : 1
  host       = var.host
  name       = var.time_service.unit
  enabled    = true
  state      = "running"
  depends_on = [host_package.this]
}

# --- the kernel ---

resource "host_kernel_module" "this" {
  for_each   = var.kernel_modules
  host       = var.host
  name       = each.value
  depends_on = [host_package.this]
}

# Settings of bridges exist only once br_netfilter is loaded.
resource "host_sysctl" "this" {
  for_each   = merge(var.kubernetes_sysctls, var.sysctls)
  host       = var.host
  name       = each.key
  value      = each.value
  depends_on = [host_kernel_module.this]
}

# The kubelet refuses to start where there is swap.
resource "host_swap" "off" {
  host    = var.host
  enabled = false
}

# --- people ---

resource "host_user" "this" {
  for_each    = var.users
  host        = var.host
  name        = each.key
  groups      = each.value.groups
  shell       = each.value.shell
  create_home = true
  remove_home = each.value.remove_home
}

resource "host_authorized_key" "this" {
  for_each = local.keys
  host     = var.host
  user     = host_user.this[each.value.user].name
  key      = each.value.key
}

resource "host_file" "sudo" {
  for_each = { for name, user in var.users : name => user if user.sudo }
  host     = var.host
  path     = "/etc/sudoers.d/${replace(each.key, ".", "_")}"
  mode     = "0440"
  owner    = "root"
  group    = "root"
  content  = "${each.key} ALL=(ALL) NOPASSWD:ALL\n"
}

# --- the SSH server ---

resource "host_file" "sshd" {
  host    = var.host
  path    = "/etc/ssh/sshd_config.d/50-baseline.conf"
  mode    = "0600"
  content = <<-EOT
    PermitRootLogin ${var.ssh.permit_root_login}
    PasswordAuthentication ${var.ssh.password_authentication ? "yes" : "no"}
    KbdInteractiveAuthentication no
    PermitEmptyPasswords no
    X11Forwarding no
    MaxAuthTries 4
    LoginGraceTime 30
    ClientAliveInterval 30
    ClientAliveCountMax 4
  EOT

  # Whoever locks people out should at least have let them in first.
  depends_on = [host_authorized_key.this]
}

resource "host_service" "ssh" {
  host      = var.host
  name      = var.ssh.unit
  enabled   = true
  state     = "running"
  reload_on = { configuration = host_file.sshd.revision }
}
