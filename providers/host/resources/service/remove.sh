# Puts a unit back as it was found: stops and removes one of ours. $own: set when its text is ours; $key: the record of its file.
# Arguments: PATH KEY of each drop-in of ours.
live=; [ -z "$R" ] && live=1
template=; case $name in *@.*) template=1 ;; esac
more=
all_names
record=$(found_text service "$name")
# Imported and never changed: nothing is to be put back.
[ -n "$record" ] || [ -n "$own" ] || exit 0
names="$names $(printf '%s\n' "$record" | sed -n 's/^names=//p')"
was_active=$(printf '%s\n' "$record" | sed -n 's/^active=//p')

stays() {
  [ -z "$own" ] || [ -e "$R/usr/lib/systemd/system/$name" ] || [ -e "$R/lib/systemd/system/$name" ] ||
    [ -e "$(found_at service-file "$key").kept" ]
}
if [ -n "$live" ] && [ -z "$template" ] && ! stays && [ "$(show LoadState)" != not-found ]; then
  systemctl stop -- "$name" || failed "it did not stop"
fi
links | while read -r path target; do
  rm -f "$R$path" || exit 1
  [ "$R${path%/*}" = "$units" ] || rmdir "$R${path%/*}" 2>/dev/null
  :
done || exit 1
changed=
if [ -n "$own" ] || found_known service-file "$key"; then set -- "/etc/systemd/system/$name" "$key" "$@"; fi
while [ $# -gt 0 ]; do
  [ -e "$R$1" ] && changed=1
  found_restore service-file "$2" "$R$1" || exit 1
  folder=$R${1%/*}
  [ "$folder" = "$units" ] || rmdir "$folder" 2>/dev/null
  shift 2
done
printf '%s\n' "$record" | sed -n 's/^link //p' | while read -r path target; do
  mkdir -p "$R${path%/*}" && rm -f "$R$path" && ln -s "$target" "$R$path" || exit 1
done || exit 1
if [ -n "$live" ]; then
  systemctl daemon-reload || exit 1
  load=; [ -n "$template" ] || load=$(show LoadState)
  case $load in
  loaded | masked)
    if [ -z "$was_active" ]; then
      systemctl stop -- "$name" || failed "it did not stop"
    elif [ "$load" = loaded ] && ! running; then
      systemctl start -- "$name" || failed "it did not start again as it was found"
    elif [ "$load" = loaded ] && [ -n "$changed" ]; then
      systemctl restart -- "$name" || failed "it did not restart as it was found"
    fi ;;
  esac
  [ -n "$template" ] || systemctl --quiet reset-failed -- "$name" 2>/dev/null
  rm -f "/run/groma/service/$name"
  rmdir /run/groma/service /run/groma 2>/dev/null
fi
found_forget service "$name"
