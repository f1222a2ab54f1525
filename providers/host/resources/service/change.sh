# Makes a unit as it is to be. $name; $own: set when its text is ours; $want_state, $want_enabled, $want_masked: empty where
# nothing is asked for; $act: restart, reload or nothing; $health: set when more than a start must be waited for. Arguments:
# +PATH KEY SHA256 SIZE for each file to write (the contents follow one after the other on standard input), -PATH KEY for each to
# give back, =PATH TARGET for each link to make.
live=; [ -z "$R" ] && live=1
template=; case $name in *@.*) template=1 ;; esac
pending=/run/groma/service/$name
none="there is no such unit: install its package first (host_package), or give its text (unit)"
all_names
if [ -n "$live" ] && [ -z "$template$own" ] && [ "$want_masked" != true ] && [ "$(show LoadState)" = not-found ]; then
  die "$none"
fi
if ! found_known service "$name"; then
  active=
  if [ -n "$live" ] && [ -z "$template" ] && running; then active=1; fi
  found_note service "$name" "names=$names
active=$active
$(links | sed 's/^/link /')" || exit 1
fi

# What is asked for stays asked for until it is done, as systemd does not know that a service runs with an older unit: reload,
# refresh (restart what runs) or restart (run a oneshot unit again, too).
ask() {
  [ -n "$live" ] && [ -z "$template" ] && [ "$want_state" != stopped ] || return 0
  # What does not run starts with the new text.
  [ "$1" != refresh ] || running || return 0
  asked=; [ -r "$pending" ] && read -r asked <"$pending"
  case $asked-$1 in
  restart-* | refresh-reload) return 0 ;;
  esac
  mkdir -p "${pending%/*}" && printf '%s\n' "$1" >"$pending" || exit 1
}
is_masked() {
  [ -L "$units/$name" ] && [ "$(readlink "$units/$name")" = /dev/null ]
}

[ -z "$act" ] || ask "$act"
changed=
[ -d "$units" ] || mkdir -p "$units" || exit 1
if [ "$want_masked" = false ] && is_masked; then
  if found_known service-file "$key"; then
    found_restore service-file "$key" "$units/$name" || exit 1
  else
    rm -f "$units/$name" || exit 1
  fi
  changed=1
fi
wanted=
while [ $# -gt 0 ]; do
  path=$R${1#?} folder=$R${1#?}
  folder=${folder%/*}
  case $1 in
  +*)
    found_path service-file "$2" "$path" || exit 1
    if [ -f "$path" ] && ! [ -L "$path" ] && [ "$(sha256sum <"$path")" = "$3  -" ]; then
      head -c "$4" >/dev/null
    else
      ask refresh
      [ -d "$folder" ] || mkdir -p "$folder" || exit 1
      if [ -L "$path" ]; then rm -f "$path" || exit 1; fi
      head -c "$4" | put_file "$path" "$3" 0644 : || exit 1
      changed=1
    fi
    shift 4 ;;
  -*)
    [ -e "$path" ] && ask refresh
    found_restore service-file "$2" "$path" || exit 1
    [ "$folder" = "$units" ] || rmdir "$folder" 2>/dev/null
    changed=1
    shift 2 ;;
  =*)
    wanted="$wanted$path $2
"
    shift 2 ;;
  esac
done

if [ -n "$live" ] && [ -z "$template" ]; then
  if [ -n "$changed" ] || [ "$(show NeedDaemonReload)" = yes ]; then systemctl daemon-reload || exit 1; fi
  load=$(show LoadState)
  if [ "$load-$want_masked" = masked-false ]; then
    systemctl daemon-reload || exit 1
    load=$(show LoadState)
    [ "$load" != masked ] || die "the unit is masked outside of /etc (by $(show FragmentPath)), which stays"
  fi
  case $load in
  loaded) ;;
  masked) [ "$want_state" != running ] || die "the unit is masked: set masked = false" ;;
  not-found) [ "$want_masked" = true ] || die "$none" ;;
  *) die "systemd cannot load the unit ($load): $(show LoadError | sed 's/^[^ ]* //')" ;;
  esac
elif [ -n "$live" ] && [ -n "$changed" ]; then
  systemctl daemon-reload || exit 1
fi

if [ -n "$want_enabled" ] && [ -n "$live" ]; then
  verb=enable; [ "$want_enabled" = true ] || verb=disable
  # What it does is said on standard error, as are its reasons.
  said=$(systemctl "$verb" -- "$name" 2>&1) || die "$said"
elif [ "$want_enabled" = false ]; then
  links | while read -r path target; do
    [ "$target" = /dev/null ] || rm -f "$R$path" || exit 1
    rmdir "$R${path%/*}" 2>/dev/null
    :
  done || exit 1
fi
printf '%s' "$wanted" | while read -r path target; do
  mkdir -p "${path%/*}" && rm -f "$path" && ln -s "$target" "$path" || exit 1
done || exit 1

if [ "$want_masked" = true ] && ! is_masked; then
  found_path service-file "$key" "$units/$name" || exit 1
  rm -f "$units/$name" && ln -s /dev/null "$units/$name" || exit 1
  [ -z "$live" ] || systemctl daemon-reload || exit 1
fi

[ -n "$live" ] && [ -z "$template" ] || exit 0
done=
case $want_state in
running)
  if ! running; then
    # Too many starts in a short time would make systemd refuse this one.
    systemctl --quiet reset-failed -- "$name" 2>/dev/null
    systemctl start -- "$name" || failed "it did not start"
    done=started
  fi ;;
stopped)
  systemctl stop -- "$name" || failed "it did not stop"
  systemctl --quiet reset-failed -- "$name" 2>/dev/null
  rm -f "$pending" ;;
esac
if [ -r "$pending" ] && [ -z "$done" ]; then
  read -r asked <"$pending"
  if running || { [ "$asked" = restart ] && [ "$(show Type)" = oneshot ]; }; then
    systemctl --quiet reset-failed -- "$name" 2>/dev/null
    case $asked in
    reload) systemctl reload-or-restart -- "$name" || failed "it did not reload" ;;
    *) systemctl restart -- "$name" || failed "it did not restart" ;;
    esac
    done=restarted
  fi
fi
if [ -n "$done" ]; then
  # A program that ends at once has started as far as systemd can tell.
  case $(show Type) in simple | exec | idle) sleep 0.5 2>/dev/null || sleep 1 ;; esac
  printf 'done=%s\n' "$done"
fi
if [ "$want_state" = running ] && { ! running || [ "$(show SubState)" = auto-restart ]; }; then
  [ "$(show Type)" = oneshot ] && [ "$(show Result)" = success ] &&
    failed "it ran to its end and does not stay (Type=oneshot): leave state out, or set RemainAfterExit=yes in the unit"
  failed "it did not stay running"
fi
[ -n "$health" ] || rm -f "$pending"
:
