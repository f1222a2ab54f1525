# What runs in a cluster: Kubernetes objects from texts, files and templates, applied in order.

terraform {
  required_providers {
    eksd = {
      source = "groma/eksd"
    }
  }
}

locals {
  texts = {
    for name, manifest in var.manifests : name => (
      manifest.yaml != null ? manifest.yaml :
      manifest.file != null ? file(manifest.file) :
      templatefile(manifest.template, merge(var.variables, manifest.variables))
    )
  }
}

# In the order of their names: the next one is begun when the one before it runs, and a failure stops the rest. They go in reverse.
resource "eksd_manifest" "this" {
  for_each        = var.manifests
  hosts           = var.hosts
  kubeconfig      = var.kubeconfig
  yaml            = local.texts[each.key]
  namespace       = each.value.namespace != null ? each.value.namespace : var.namespace
  wait            = each.value.wait
  timeout         = each.value.timeout
  force_conflicts = var.force_conflicts

  lifecycle {
    max_parallel = 1
  }
}
