a = [for x in y : x if z]
b = {for k, v in w : k => v... if u}
c = [for]
d = {for x in y : x}
e = [for x in y : x => x...]
