# Looks whether the certificate $p and its key $k can be where they are to be, and records what is there.
for f in "$p" "$k"; do
  [ -d "$R${f%/*}/" ] || { [ -n "$R" ] && mkdir -p "$R${f%/*}"; } || die "there is no folder ${f%/*}: make it first (host_directory)"
  within "$f"
  [ ! -d "$R$f" ] || die "$f is a directory"
done
found_real file "$p_key" "$R$p" && found_real file "$k_key" "$R$k" || exit 1
