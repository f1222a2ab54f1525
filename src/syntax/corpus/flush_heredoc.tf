a = <<-EOT
    b
      ${c}

  	d
    EOT
b = 1
