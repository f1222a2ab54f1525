# Puts the mount at $p back as it was found; $ours says whether what is mounted there is what was asked for.
record=$(found_text mount "$key")
was=$(printf '%s\n' "$record" | sed -n 's/^live=//p')
# What tells a mount from another: its device's number, folder, type and source.
mount_which() {
  printf '%s\n' "$1" | awk '{ for (i = 7; i < NF && $i != "-"; i++); print $3, $4, $(i + 1), $(i + 2) }'
}
live=$(mount_live)
back=
if [ -z "$R" ]; then
  if [ -n "$live" ] && [ -n "$was" ] && [ "$(mount_which "$was")" = "$(mount_which "$live")" ]; then
    back=remount
  elif [ -n "$live" ] && [ "$ours" = true ]; then
    mount_off "$p"
    live=
  fi
  if [ -n "$was" ] && [ -z "$live" ]; then back=mount; fi
fi
alone
mount_edit "$(printf '%s\n' "$record" | sed -n 's/^line=//p')" || exit 1
not_alone
flags=$(printf '%s\n' "$was" | awk '{ print $6 }')
case $back in
remount)
  case $(printf '%s\n' "$was" | awk '{ print $4 }') in / | '') ;; *) flags=bind,$flags ;; esac
  [ "$(printf '%s\n' "$live" | awk '{ print $6 }')" = "${flags#bind,}" ] ||
    mount -o "remount,rw,suid,dev,exec,$flags" "$p" || exit 1 ;;
mount)
  if [ -n "$(mount_line)" ]; then
    mount_on "$p"
  else
    set -f
    set -- $(mount_which "$was")
    # A folder of another file system cannot be told from here.
    if [ "$2" = / ]; then mount -t "$3" -o "$flags" "$(printf "$(printf '%s' "$4" | sed 's/%/%%/g')")" "$p" || exit 1; fi
  fi ;;
esac
found_forget mount-asked "$key"
found_forget mount "$key"
remove_made "$p/."
