# Has a package's unit run with files of ours. $version: that of its programs, if it has some. Arguments: as for put_files.
note_found
put_files "$@"
if [ -n "$version" ]; then switch_version; elif [ -d "$R$folder" ]; then drop_programs; fi
[ -n "$live" ] || exit 0
[ "$(show LoadState)" = loaded ] || die "there is no $unit: its package did not bring it, or it is masked"
systemctl is-enabled --quiet -- "$unit" 2>/dev/null || systemctl enable --quiet -- "$unit" 2>/dev/null || :
asked=; [ -r "$pending" ] && read -r asked <"$pending"
systemctl --quiet reset-failed -- "$unit" 2>/dev/null
if ! running; then
  [ -n "$asked" ] || mark health
  systemctl start -- "$unit" || failed "it did not start"
elif [ "$asked" = restart ]; then
  systemctl reload-or-restart -- "$unit" || failed "it did not restart"
else
  exit 0
fi
mark health
