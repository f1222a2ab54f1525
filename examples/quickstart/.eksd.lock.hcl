# This file pins EKS-D's release manifests by their SHA-256. groma adds what it uses for the first time; keep it under
# version control. To take the latest release of a channel again, remove the block "channel"; to accept a manifest that
# has changed, the block "release".

release "1-34" "21" {
  sha256 = "7ab09734411b077bba721292fc714f909990f80f8df239e8b561983d815d77ab"
}

release "1-34" "22" {
  sha256 = "4a87354ace7ab5206a8d09ab779db8e37bc747308065443b669bf9764d531048"
}

release "1-33" "31" {
  sha256 = "1f4b58ef3d3d6b76dbf25758aa92dd7d90faf6a03fe53546ec8a582e6ed82f74"
}
