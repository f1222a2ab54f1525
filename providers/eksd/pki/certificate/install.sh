# Puts the key that was made, and the certificate on standard input, into place.
n=$R$k.groma-new
[ -e "$n" ] || n=$R$k
s=$(openssl pkey -in "$n" -passin pass: -pubout -outform DER 2>/dev/null | sha256sum)
[ "${s%% *}" = "$public" ] || die "the key was changed by somebody else meanwhile: apply again"
if [ "$n" = "$R$k" ]; then
  own "$owner" "$n" && chmod "$key_mode" "$n" || exit 1
else
  settle "$n" "$R$k" "$key_mode" "$owner" || exit 1
fi
put_file "$R$p" "$sha" "$mode" "$owner"
