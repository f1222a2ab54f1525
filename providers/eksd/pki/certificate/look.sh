# Prints what there is of certificates and their keys: arguments are a path and the path of its key, for each.
o=no
! command -v openssl >/dev/null 2>&1 || o=yes
look() { stat -L -c '%a %u %g %s %U %G -' -- "$1"; }
while [ $# -gt 0 ]; do
  p=$R$1 k=$R$2
  shift 2
  echo "object=$o"
  if [ -f "$p" ]; then
    echo "stat=$(look "$p")"
    [ -r "$p" ] && echo "pem=$(base64 <"$p" | tr -d '\n')"
  fi
  if [ -f "$k" ]; then
    echo "key_stat=$(look "$k")"
    # In a folder, groma can tell without openssl.
    if [ $o = no ] && [ -n "$R" ]; then echo "private=$(base64 <"$k" | tr -d '\n')"; fi
    [ $o = no ] || echo "public=$(openssl pkey -in "$k" -passin pass: -pubout -outform DER 2>/dev/null | base64 | tr -d '\n')"
  fi
done
:
