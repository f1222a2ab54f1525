# Prints what there is of a component. Arguments: the paths of its files and folders.
if [ -n "$live" ] && ! [ -d /run/systemd/system ]; then die "systemd does not run there"; fi
for p in "$@"; do
  if [ -f "$R$p" ]; then
    printf 'file %s =%s %s\n' "$(stat -L -c '%a %U:%G' "$R$p")" "$(base64 <"$R$p" | tr -d '\n')" "$p"
  elif [ -d "$R$p" ]; then
    printf 'folder %s %s\n' "$(stat -L -c '%a %U:%G' "$R$p")" "$p"
  fi
done
current=$(readlink "$R$folder/current") && printf 'version %s\n' "$current"
if [ -n "$current" ]; then
  [ -s "$R$folder/current/.source" ] && printf 'source %s\n' "$(cat "$R$folder/current/.source")"
  now=$(sums "$R$folder/current")
  [ -n "$now" ] && printf 'sum %s\n' "${now%% *}"
  [ -n "$now" ] && [ "$now" = "$(cat "$R$folder/current/.sums" 2>/dev/null)" ] && printf 'intact 1\n'
  for p in $programs; do
    [ -f "$R$folder/current/$p" ] || continue
    [ "$(readlink "$R$bin/$p")" = "$folder/current/$p" ] || printf 'astray %s/%s\n' "$bin" "$p"
  done
fi
[ -L "$units/multi-user.target.wants/$unit" ] && printf 'enabled 1\n'
if [ -n "$live" ]; then
  [ -r "$pending" ] && read -r asked <"$pending" && printf 'pending %s\n' "$asked"
  systemctl show --property=LoadState,ActiveState,SubState -- "$unit" | sed 's/^/show /'
fi
