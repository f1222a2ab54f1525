output "release" {
  value = data.eksd_release.this.version
}

output "addresses" {
  description = "The nodes' addresses as they see each other."
  value       = local.addresses
}
