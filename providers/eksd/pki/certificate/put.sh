# Puts a key and its certificate into place: standard input has the key ($key_size bytes; none where it stays), then the
# certificate.
if [ "$key_size" != 0 ]; then
  head -c "$key_size" | put_file "$R$k" "$key_sha" "$key_mode" "$owner" || exit 1
else
  [ "$(sha256sum <"$R$k")" = "$key_sha  -" ] || die "the key was changed by somebody else meanwhile: apply again"
  own "$owner" "$R$k" && chmod "$key_mode" "$R$k" || exit 1
fi
put_file "$R$p" "$sha" "$mode" "$owner"
