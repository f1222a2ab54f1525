# Prints what is known of the units that the arguments name.
units=$R/etc/systemd/system
if [ -z "$R" ] && ! [ -d /run/systemd/system ]; then die "systemd does not run there"; fi
printf '== links\n'
[ -d "$units" ] && (cd "$units" && ls -lR .)
printf '== rc\n'
for f in "$R"/etc/rc[2-5].d/S*; do printf '%s\n' "${f##*/S??}"; done
printf '== marks\n'
count=$#
for n in "$@"; do
  found_known service "$n" && printf 'found %s\n' "$n"
  [ -z "$R" ] && [ -r "/run/groma/service/$n" ] && read -r pending <"/run/groma/service/$n" && printf 'pending-%s %s\n' "$pending" "$n"
  template=$n
  case $n in *@*) template=${n%%@*}@.${n##*.} ;; esac
  for folder in etc usr/lib lib; do
    if [ -e "$R/$folder/systemd/system/$n" ] || [ -e "$R/$folder/systemd/system/$template" ]; then
      printf 'there %s\n' "$n"
      break
    fi
  done
done
printf '== files\n'
(
  for n in "$@"; do
    for f in "$units/$n" "$units/$n.d"/*.conf; do [ -f "$f" ] && ! [ -L "$f" ] && set -- "$@" "$f"; done
  done
  shift "$count"
  [ $# = 0 ] || sha256sum -- "$@"
)
printf '== show\n'
if [ -z "$R" ]; then
  for n in "$@"; do
    shift
    case $n in *@.*) ;; *) set -- "$@" "$n" ;; esac
  done
  [ $# = 0 ] || systemctl show --property=Id,LoadState,ActiveState,SubState,UnitFileState -- "$@"
fi
