# Makes a component as it is to be. $version; $want_state: running or stopped; $want_enabled. Arguments: as for put_files.
note_found
put_files "$@"

switch_version
wants=multi-user.target.wants/$unit
if [ "$want_enabled" = true ]; then
  if [ ! -L "$units/$wants" ]; then
    make_folder "/etc/systemd/system/${wants%/*}" || exit 1
    ln -s "/etc/systemd/system/$unit" "$units/$wants" || exit 1
    changed=1
  fi
elif [ -L "$units/$wants" ]; then
  rm -f "$units/$wants" || exit 1
  changed=1
fi

[ -n "$live" ] || exit 0
if [ -n "$changed" ] || [ "$(show NeedDaemonReload)" = yes ]; then systemctl daemon-reload || exit 1; fi
load=$(show LoadState)
[ "$load" = loaded ] || die "systemd cannot load the unit ($load): $(show LoadError | sed 's/^[^ ]* //')"
if [ "$want_state" = stopped ]; then
  systemctl stop -- "$unit" || failed "it did not stop"
  systemctl --quiet reset-failed -- "$unit" 2>/dev/null
  rm -f "$pending"
  exit 0
fi
asked=; [ -r "$pending" ] && read -r asked <"$pending"
systemctl --quiet reset-failed -- "$unit" 2>/dev/null
if ! running; then
  # Whether it gets well is not known before it did.
  [ -n "$asked" ] || mark health
  systemctl start -- "$unit" || failed "it did not start"
elif [ "$asked" = restart ]; then
  systemctl restart -- "$unit" || failed "it did not restart"
else
  exit 0
fi
mark health
