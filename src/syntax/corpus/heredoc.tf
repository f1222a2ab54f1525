a = <<EOT
  b ${c}
%{ if d }
  e
%{ endif }
EOT
