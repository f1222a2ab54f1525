# Makes the key $k if it is to be a fresh one (beside its place, until its certificate is there), and prints a request that it signed.
command -v openssl >/dev/null 2>&1 || die "there is no openssl, which makes the keys: install it (host_package)"
umask 077
n=$R$k.groma-new
rm -f "$n"
if [ "$fresh" = yes ] || [ ! -s "$R$k" ]; then
  said=$(openssl genpkey $options -out "$n" 2>&1) || { rm -f "$n"; die "openssl makes no key: $said"; }
else
  n=$R$k
fi
printf '[req]\ndistinguished_name=d\n[d]\n' |
  openssl req -new -config /dev/stdin -subj /CN=groma -key "$n" -passin pass:
