# Makes a component as it is to be. $version; $want_state: running or stopped; $want_enabled. Arguments: +PATH SIZE SHA256 MODE
# OWNER for each file (the contents follow one after the other on standard input), -PATH for each to give back, /PATH MODE OWNER
# for each folder, =PATH for each that it does not need any longer.
if ! found_known eksd "$component"; then
  active=
  if [ -n "$live" ] && [ -f "$units/$unit" ] && running; then active=1; fi
  found_note eksd "$component" "active=$active" || exit 1
fi
due() {
  [ "$want_state" = stopped ] || mark restart
}
changed=
while [ $# -gt 0 ]; do
  path=/${1#?/} to=$R/${1#?/}
  case $1 in /*) path=$1 to=$R$1 ;; esac
  within "$path"
  case $1 in
  +*)
    key=$(key_of "$path")
    found_path eksd-file "$key" "$to" || exit 1
    if [ -f "$to" ] && ! [ -L "$to" ] && [ "$(sha256sum <"$to")" = "$3  -" ]; then
      head -c "$2" >/dev/null
      chmod "$4" "$to" && own "$5" "$to" || exit 1
    else
      due
      make_folder "${path%/*}" || exit 1
      if [ -L "$to" ]; then rm -f "$to" || exit 1; fi
      head -c "$2" | put_file "$to" "$3" "$4" "$5" || exit 1
      [ "$path" = "/etc/systemd/system/$unit" ] && changed=1
    fi
    shift 5 ;;
  -*)
    key=$(key_of "$path")
    if found_known eksd-file "$key"; then
      [ ! -e "$to" ] || due
      found_restore eksd-file "$key" "$to" || exit 1
    fi
    shift ;;
  =*)
    remove_made "$path/-"
    shift ;;
  /*)
    if [ ! -d "$to" ]; then
      make_folder "${path%/*}" || exit 1
      found_note made "$(key_of "$path")" "$path" || exit 1
      mkdir -m 0700 "$to" 2>/dev/null || [ -d "$to" ] || exit 1
    fi
    own "$3" "$to" && chmod "$2" "$to" || exit 1
    shift 3 ;;
  esac
done

if [ "$(readlink "$R$folder/current")" != "$version" ]; then
  due
  rm -f "$R$folder/.current.new"
  ln -s "$version" "$R$folder/.current.new" && mv -fT "$R$folder/.current.new" "$R$folder/current" || exit 1
fi
for p in $programs; do
  [ -f "$R$folder/current/$p" ] || continue
  link=/usr/local/bin/$p
  [ "$(readlink "$R$link")" != "$folder/current/$p" ] || continue
  found_path eksd-file "$(key_of "$link")" "$R$link" || exit 1
  make_folder /usr/local/bin || exit 1
  rm -f "$R$link.groma-new"
  ln -s "$folder/current/$p" "$R$link.groma-new" && mv -fT "$R$link.groma-new" "$R$link" || exit 1
done
# Only the version before this one stays, to go back to by hand.
ls -t "$R$folder" 2>/dev/null | grep -v -x -e current -e "$version" | tail -n +2 | while IFS= read -r old; do
  rm -rf "$R$folder/$old"
done
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
