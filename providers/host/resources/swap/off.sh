# Switches swap off and keeps it off: what fstab and systemd would do at boot first, so that nothing switches it on meanwhile.
alone
units=$(swap_units)
services=
if has_systemd; then
  for unit in $units; do
    case $unit in *.service) if systemctl -q is-active "$unit"; then services="$services $unit"; fi ;; esac
  done
fi
# What is swapped to, as it was found: for those who destroy the resource.
found_note swap host "$(printf 'services=%s\n' "$services"; swap_active | sed 's/^/active=/')" || exit 1
if [ -e "$R/etc/fstab" ]; then
  export swap_mark
  edit_lines "$R/etc/fstab" "$swap_awk"'{ keep(is_swap($0) ? ENVIRON["swap_mark"] $0 : $0) }' || exit 1
fi
not_alone
# Before they are masked: a service that makes a device of its own removes it.
for unit in $services; do
  systemctl stop "$unit" || die "the service $unit cannot be stopped: \`systemctl status $unit\` says why"
done
printf '%s\n' "$units" | while read -r unit; do
  [ -n "$unit" ] || continue
  place=$(swap_place "$unit")
  within "${place%/*}"
  if [ ! -d "$R${place%/*}" ]; then
    found_note made "$(printf %s "${place%/*}" | sha256sum | head -c 32)" "${place%/*}" && mkdir -p "$R${place%/*}" || exit 1
  fi
  found_path swap-unit "$unit" "$R$place" || exit 1
  drop_unfinished "$R$place"
  ln -s /dev/null "$R$place.groma-new-$$" && mv -f "$R$place.groma-new-$$" "$R$place" || exit 1
done || exit 1
if has_systemd; then systemctl daemon-reload || exit 1; fi
swap_active | while read -r path priority; do
  path=$(swap_plain "$path")
  swapoff "$path" || die "swap on $path stays on: what is in it must find room in memory (\`free -m\`), so stop what uses much, then apply again"
done
