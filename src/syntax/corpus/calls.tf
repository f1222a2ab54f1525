a = f(g(), h(1, 2,), i...)
b = provider::x::y(1)
c = a::
d = e::f
