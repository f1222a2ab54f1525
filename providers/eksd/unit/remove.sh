# Puts back what was found before a component. $own: set when the unit is ours, and not a package's. Arguments: the paths of its
# files.
record=$(found_text eksd "$component")
if [ -z "$record" ]; then
  # Imported and never changed, or begun and not even recorded.
  [ -n "$own" ] && [ -f "$units/$unit" ] || exit 0
fi
if [ -n "$own" ]; then
  if [ -n "$live" ] && [ "$(show LoadState)" != not-found ]; then
    systemctl stop -- "$unit" || failed "it did not stop"
  fi
  rm -f "$units/multi-user.target.wants/$unit"
  remove_made "/etc/systemd/system/multi-user.target.wants/$unit"
fi
for p in "$@"; do
  key=$(key_of "$p")
  if found_known eksd-file "$key"; then
    found_restore eksd-file "$key" "$R$p" || exit 1
  elif [ "$p" = "/etc/systemd/system/$unit" ]; then
    rm -f "$R$p" || exit 1
  fi
  remove_made "$p"
done
drop_programs
if [ -n "$live" ]; then
  [ -z "$own" ] || systemctl daemon-reload || exit 1
  systemctl --quiet reset-failed -- "$unit" 2>/dev/null
  if [ "$record" = active=1 ]; then
    if [ "$(show LoadState)" = loaded ]; then systemctl restart -- "$unit" || failed "it did not start again as it was found"; fi
  elif [ -z "$own" ] && [ "$(show LoadState)" != not-found ]; then
    systemctl stop -- "$unit" || failed "it did not stop"
  fi
  rm -f "$pending"
  rmdir "${pending%/*}" /run/groma 2>/dev/null
fi
found_forget eksd "$component"
