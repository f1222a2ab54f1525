a = <<EOT
b
EOT2
