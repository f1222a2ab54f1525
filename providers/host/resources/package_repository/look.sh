# Prints "there", the key file $k in base64, a line of =, and the entry's file $p; nothing if there is no entry.
[ -f "$R$p" ] || exit 0
printf 'there\n'
[ ! -f "$R$k" ] || base64 "$R$k" || exit 1
printf '\n=\n'
cat "$R$p"
