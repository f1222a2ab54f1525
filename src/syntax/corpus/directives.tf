a = "%{ if b ~}c%{ else }d%{ endif ~}%{ for k, v in e }${k}%{ endfor }"
