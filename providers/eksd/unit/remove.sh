# Puts back what was found before a component. Arguments: the paths of its files.
record=$(found_text eksd "$component")
if [ -z "$record" ]; then
  # Imported and never changed, or begun and not even recorded.
  [ -f "$units/$unit" ] || exit 0
fi
if [ -n "$live" ] && [ "$(show LoadState)" != not-found ]; then
  systemctl stop -- "$unit" || failed "it did not stop"
fi
rm -f "$units/multi-user.target.wants/$unit"
remove_made "/etc/systemd/system/multi-user.target.wants/$unit"
for p in "$@"; do
  key=$(key_of "$p")
  if found_known eksd-file "$key"; then
    found_restore eksd-file "$key" "$R$p" || exit 1
  elif [ "$p" = "/etc/systemd/system/$unit" ]; then
    rm -f "$R$p" || exit 1
  fi
  remove_made "$p"
done
for p in $programs; do
  link=/usr/local/bin/$p
  key=$(key_of "$link")
  if found_known eksd-file "$key"; then found_restore eksd-file "$key" "$R$link" || exit 1; fi
  remove_made "$link"
done
rm -rf "$R$folder" || exit 1
found_forget made "$(key_of "$folder")"
remove_made "$folder"
if [ -n "$live" ]; then
  systemctl daemon-reload || exit 1
  systemctl --quiet reset-failed -- "$unit" 2>/dev/null
  if [ "$record" = active=1 ] && [ -f "$units/$unit" ]; then
    systemctl start -- "$unit" || failed "it did not start again as it was found"
  fi
  rm -f "$pending"
  rmdir "${pending%/*}" /run/groma 2>/dev/null
fi
found_forget eksd "$component"
