output "objects" {
  description = "The objects by manifest, as `VERSION KIND NAMESPACE NAME`."
  value       = { for name, manifest in eksd_manifest.this : name => manifest.objects }
}
