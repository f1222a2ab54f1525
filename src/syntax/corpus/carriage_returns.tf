a = 1
b = <<E
  c
E
d = 2