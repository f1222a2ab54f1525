# Writes the key and the entry of a repository, which come one after the other on standard input ($key_size bytes, $size bytes), and
# fetches its list. If that fails, all is put back. Arguments: URLs that are no longer in the entry (apk).
[ -n "$R" ] || lock_packages
mkdir -p "$R${p%/*}" "$R${k%/*}" || exit 1
before=$R${p}.groma-before key_before=$R${k}.groma-before
rm -f "$before" "$key_before"
new=
if ! found_known package_repository "$name"; then
  new=1
  lines=; [ "$pm" != apk ] || lines=$(cat "$R$p" 2>/dev/null)
  found_note package_repository "$name" "$lines" || exit 1
fi
[ ! -e "$R$p" ] || cp -a "$R$p" "$before" || exit 1
[ ! -e "$R$k" ] || cp -a "$R$k" "$key_before" || exit 1

back() {
  rm -f "$R$p" "$R$k"
  [ ! -e "$before" ] || mv -f "$before" "$R$p"
  [ ! -e "$key_before" ] || mv -f "$key_before" "$R$k"
  if [ -n "$new" ]; then
    found_forget package_repository-key "$name"
    found_forget package_repository-entry "$name"
    found_forget package_repository "$name"
  fi
}

put_all() {
  if [ "$old_k" != "$k" ]; then found_restore package_repository-key "$name" "$R$old_k" || return 1; fi
  if [ "$key_size" = 0 ]; then
    [ -n "$new" ] || ! found_known package_repository-key "$name" || found_restore package_repository-key "$name" "$R$k" || return 1
  else
    found_path package_repository-key "$name" "$R$k" || return 1
    head -c "$key_size" | put_file "$R$k" "$key_sha" 0644 : || return 1
  fi
  if [ "$pm" = apk ]; then
    for url in "$@"; do without_line "$url"; done
    head -c "$size" >"$R$p.groma-lines" || return 1
    sum=$(sha256sum <"$R$p.groma-lines")
    [ "${sum%% *}" = "$sha" ] || { rm -f "$R$p.groma-lines"; die "the content arrived incomplete"; }
    while IFS= read -r url; do
      grep -q -x -F -e "$url" "$R$p" 2>/dev/null || printf '%s\n' "$url" >>"$R$p" || return 1
    done <"$R$p.groma-lines"
    rm -f "$R$p.groma-lines"
  else
    found_path package_repository-entry "$name" "$R$p" || return 1
    head -c "$size" | put_file "$R$p" "$sha" 0644 : || return 1
  fi
}

(put_all "$@") || { back; exit 1; }
if [ -z "$R" ] && [ -n "$enabled" ]; then
  fetch_in_turn || {
    why=$(reason "$said")
    back
    die "its list of packages cannot be fetched: $why"
  }
fi
rm -f "$before" "$key_before"
