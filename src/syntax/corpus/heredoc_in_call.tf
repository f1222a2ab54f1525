a = f(<<A
${<<B
x
B
}
A
, 1)
