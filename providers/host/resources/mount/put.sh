# Makes the mount at $p as $line says, and does $action; 7: there was something below what was unmounted. Arguments: PATH KEY of its folder and those above it.
alone
within "$p"
if ! found_known mount "$key"; then
  found_note mount "$key" "$(printf 'line=%s\nlive=%s\n' "$(mount_line)" "$(mount_live)")" || exit 1
fi
found_forget mount-asked "$key"
found_note mount-asked "$key" "$(printf '%s %s\n%s\n' "$how" "$device" "$asked")" || exit 1
# A server that does not answer holds up what is mounted: others need not wait for that.
not_alone
case $action in
again | unmount)
  mount_off "$p"
  # What is below it may be right, and shows only now.
  [ -z "$(mount_live)" ] || exit 7 ;;
esac
if [ ! -e "$R$p" ] && [ ! -L "$R$p" ]; then make_missing "$@" || exit 1; fi
[ -d "$R$p" ] || { [ "$how" = bind ] && [ -f "$R$p" ]; } || die "there is something at $p that is no folder: remove it, or give another path"
alone
mount_edit "$line" || exit 1
not_alone
case $action in
mount | again) mount_on "$p" ;;
remount)
  g_why=$(mount -o "$options" "$p" 2>&1) && exit 0
  # What is in memory is lost when it is unmounted.
  [ "$kind" != tmpfs ] || die "$g_why"
  mount_off "$p"
  mount_on "$p" ;;
esac
