# This file pins EKS-D's release manifests by their SHA-256. groma adds what it uses for the first time; keep it under
# version control. To take the latest release of a channel again, remove the block "channel"; to accept a manifest that
# has changed, the block "release".

release "1-34" "21" {
  sha256 = "7ab09734411b077bba721292fc714f909990f80f8df239e8b561983d815d77ab"
}
