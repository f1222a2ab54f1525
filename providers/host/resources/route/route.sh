# One route: $fam, $dest, $table, $metric, $words (all that `ip route replace` takes, empty to remove it), $dev,
# $slug (names its files), and the texts of what keeps it over a boot: $dropin_text, $unit_text (empty: nothing does).
unit=/etc/systemd/system/$slug.service
wants=/etc/systemd/system/multi-user.target.wants/$slug.service

# Prints the route as `ip` takes it, nothing if there is none.
route_line() {
  ip "$fam" -o route show table "$table" exact "$dest" 2>/dev/null | while read -r g_line; do
    case " $g_line " in
    *" metric "*) g_has=${g_line##* metric } g_has=${g_has%% *} ;;
    *) g_has=0 ;;
    esac
    if [ "$g_has" = "$metric" ]; then
      # A table other than main is not printed where it was asked for, and what only the kernel says is not taken back.
      printf '%s table %s\n' "$g_line" "$table" | tr '\\' ' ' |
        sed -e 's/ \(linkdown\|dead\|offload\|trap\|rt_offload\|rt_trap\)\( \|$\)/ /g' -e 's/ expires [^ ]*//' -e 's/ cache / /'
      break
    fi
  done
}

# shellcheck disable=SC2086
route_replace() {
  ip "$fam" route replace $1
}

# shellcheck disable=SC2086
route_remove() {
  g_old=$(route_line)
  [ -z "$g_old" ] || ip "$fam" route del $g_old
}

# Sets $place and $place_text: the file that keeps the route over a boot.
route_place() {
  place='' place_text=''
  [ -n "$unit_text" ] || return 0
  g_file=$(networkd_file "$dev")
  if [ -n "$g_file" ]; then
    place=/etc/systemd/network/${g_file##*/}.d/$slug.conf place_text=$dropin_text
  else
    place=$unit place_text=$unit_text
  fi
}

# Prints the files that keep the route over a boot, or did.
route_files() {
  for g_file in "$R"/etc/systemd/network/*.network.d/"$slug.conf" "$R$unit"; do
    [ ! -e "$g_file" ] || printf '%s\n' "${g_file#"$R"}"
  done
}

change_check() {
  [ -n "$R" ] && return 0
  command -v ip >/dev/null 2>&1 || die "there is no ip: install iproute2 first (host_package)"
  [ -z "$unit_text" ] || has_systemd || die "it can only be kept over a boot where systemd runs: set persistent = false"
  [ -z "$dev" ] || [ -z "$words" ] || link_exists "$dev" || die "there is no link $dev"
}

change_capture() {
  route_place
  # shellcheck disable=SC2046,SC2086
  files_save $(route_files) $place "$wants"
  [ -n "$R" ] && return 0
  route_line >"$d/old/route"
  for g_one in $(route_links $(route_files) $place); do
    echo "link $g_one"
    link_addresses "$g_one"
    link_routes "$g_one"
  done >"$d/old/live"
  cp "$d/old/route" "$d/old/shown"
  if [ -s "$d/old/route" ]; then guard_note route "$slug" "$d/old/route"; else guard_note route "$slug" "$d/old/none"; fi
}

change_apply() {
  [ -n "$R" ] || [ -z "$words" ] || route_replace "$words" || return 1
  route_place
  g_reload=''
  for g_file in $(route_files); do
    [ "$g_file" = "$place" ] && continue
    file_gone "$g_file"
    g_reload="$g_reload $g_file"
  done
  if [ -n "$place" ] && [ "$(cat "$R$place" 2>/dev/null; echo x)" != "${place_text}x" ]; then
    file_is "$place_text" "$place" || return 1
    g_reload="$g_reload $place"
  fi
  if [ "$place" = "$unit" ]; then link_is "../${unit##*/}" "$wants" || return 1; else file_gone "$wants"; fi
  [ -n "$R" ] && return 0
  route_reload "$g_reload" || return 1
  if [ -n "$words" ]; then
    route_replace "$words"
    return
  fi
  route_remove || return 1
  g_found=$(found_at route "$slug").kept
  [ ! -e "$g_found" ] || route_replace "$(cat "$g_found")" || return 1
  guard_forget_later route "$slug"
}

# Prints the links that systemd-networkd manages by what these FILEs are drop-ins for.
route_links() {
  for g_file in "$@"; do
    case $g_file in *.network.d/*) networkd_links "${g_file%.d/*}" ;; esac
  done | sort -u
}

# Has systemd notice these changed files. What networkd takes for left over on the links then, as others set it, is put back.
route_reload() {
  case $1 in
  */systemd/network/*)
    if networkd_runs; then
      # shellcheck disable=SC2046
      networkd_reload $(sed -n 's/^link //p' "$d/old/live") || return 1
      links_regain <"$d/old/live" || return 1
    fi
    ;;
  esac
  case $1 in *.service*) systemctl daemon-reload || return 1 ;; esac
}

change_undo() {
  files_back || return 1
  route_place
  route_reload "$(cat "$d/old/list")" || return 1
  if [ -s "$d/old/route" ]; then route_replace "$(cat "$d/old/route")"; else route_remove; fi
}

change_boot() {
  files_back
}
