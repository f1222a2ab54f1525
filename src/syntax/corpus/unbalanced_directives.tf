a = "%{ if b }%{ else }%{ else }%{ endfor }"
