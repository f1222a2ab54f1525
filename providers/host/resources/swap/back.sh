# Puts swap back as it was found: systemd's units, the lines of fstab, then what was swapped to.
alone
record=$(found_text swap host)
for kept in "$R"/var/lib/groma/found/swap-unit/*; do
  unit=${kept##*/}
  case $unit in *.kept | '*') continue ;; esac
  found_restore swap-unit "$unit" "$R$(swap_place "$unit")" || exit 1
done
if [ -e "$R/etc/fstab" ]; then
  export swap_mark
  edit_lines "$R/etc/fstab" '{ m = ENVIRON["swap_mark"]; keep(index($0, m) == 1 ? substr($0, length(m) + 1) : $0) }' || exit 1
fi
not_alone
if has_systemd; then systemctl daemon-reload || exit 1; fi
if [ -z "$R" ]; then
  for unit in $(printf '%s\n' "$record" | sed -n 's/^services=//p'); do
    systemctl start "$unit" || exit 1
  done
  printf '%s\n' "$record" | sed -n 's/^active=//p' | while read -r path priority; do
    swap_active | grep -qF -e "$path " && continue
    path=$(swap_plain "$path")
    # What is made only at boot comes back then.
    [ -e "$path" ] || continue
    case $priority in
    -*) swapon "$path" ;;
    *) swapon -p "$priority" "$path" ;;
    esac || exit 1
  done || exit 1
fi
found_forget swap host
