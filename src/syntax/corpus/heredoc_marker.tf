a = <<EOT x
b = << EOT
c = <<
