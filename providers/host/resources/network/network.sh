# One link under systemd-networkd: $name, $kind (physical, vlan, bridge, bond), and
#   wanted    lines LINK PATH BASE64: the files of it, LINK being the link that each is for; none to remove all
#   parent    the link below a VLAN, $parent_text what its .network file gets by a drop-in
#   members   the links in a bridge or bond; $leave those that are to leave it
#   rename    the hardware address of the link that is to have the name
#   reset     not empty: the link must be made anew
#   tune      words for `ip link set ... type KIND` that need no new link
#   want      lines that say what the link must have, see network_lacks
#   keep      not empty: addresses of others than $had (those that groma gave) stay
NETWORKS=/etc/systemd/network
head="# Kept by groma: host_network $name"

# --- its files ---

# Prints $wanted, with the drop-in for the parent where another file than groma's manages that.
network_wanted() {
  [ -z "$wanted" ] || printf '%s\n' "$wanted"
  [ -n "$parent" ] && [ -n "$wanted" ] || return 0
  g_file=$(networkd_file "$parent")
  g_file=${g_file##*/}
  [ -z "$g_file" ] || [ "$g_file" = "05-groma-$parent.network" ] ||
    printf '%s %s %s\n' "$parent" "$NETWORKS/$g_file.d/groma-$name.conf" "$(printf '%s' "$parent_text" | base64 | tr -d '\n')"
}

# Prints the files that are there of this link.
network_files() {
  for g_file in "$R$NETWORKS/05-groma-$name".link "$R$NETWORKS/05-groma-$name".netdev "$R$NETWORKS/05-groma-$name".network \
    "$R$NETWORKS"/06-groma-*.network "$R$NETWORKS"/*.network.d/"groma-$name.conf"; do
    [ -e "$g_file" ] || continue
    case $g_file in */06-groma-*) grep -qxF "$head" "$g_file" || continue ;; esac
    printf '%s\n' "${g_file#"$R"}"
  done
}

# Writes the files, and removes those that are not wanted any longer.
network_write() {
  g_wanted=$(network_wanted)
  for g_file in $(network_files); do
    case "$g_wanted
" in *" $g_file "*) ;; *) file_gone "$g_file" ;; esac
  done
  [ -z "$g_wanted" ] || printf '%s\n' "$g_wanted" | while read -r g_link g_path g_text; do
    g_text=$(printf '%s' "$g_text" | base64 -d; echo x)
    file_is "${g_text%x}" "$g_path" || exit 1
  done
}

# Prints the link's own .network file as it is to be and as it was before this change.
network_texts() {
  printf '%s\n' "$wanted" | while read -r g_link g_path g_text; do
    case $g_path in */"05-groma-$name.network") printf '%s' "$g_text" | base64 -d ;; esac
  done
  cat "$d/old/files$NETWORKS/05-groma-$name.network" 2>/dev/null
}

# --- its state ---

# Prints what a LINK has now that networkd's files may not say, for network_restore.
network_live() {
  g_line=$(ip -o link show dev "$1" 2>/dev/null) || { echo "none $1"; return 0; }
  g_mac=- g_master=- g_up=down
  g_mtu=${g_line#* mtu } g_mtu=${g_mtu%% *}
  case $g_line in *link/ether\ *) g_mac=${g_line#*link/ether } g_mac=${g_mac%% *} ;; esac
  case $g_line in *" master "*) g_master=${g_line#* master } g_master=${g_master%% *} ;; esac
  case $g_line in *[\<,]UP[,\>]*) g_up=up ;; esac
  echo "link $1 $g_mtu $g_mac $g_master $g_up"
  link_settings "$1"
  link_locals "$1"
  link_addresses "$1"
  link_routes "$1"
}

# Gives the links of FILE what network_live printed of them.
network_restore() {
  while read -r g_what g_link g_rest; do
    case $g_what in
    named) network_call "$g_link" "$g_rest" || return 1 ;;
    none) network_unmake "$g_link" || return 1 ;;
    link)
      link_exists "$g_link" || continue
      # shellcheck disable=SC2086
      network_restore_link "$1" "$g_link" $g_rest || return 1
      ;;
    esac
  done <"$1"
  links_set "$1" "$(network_texts | link_asked)" "$parent $members $leave"
  network_restore_locals "$1"
  # Addresses first: routes lead over them.
  while read -r g_what g_link g_rest; do
    [ "$g_what" = address ] && link_exists "$g_link" || continue
    # shellcheck disable=SC2086
    ip addr replace $g_rest dev "$g_link" || return 1
  done <"$1"
  while read -r g_what g_link g_fam g_rest; do
    [ "$g_what" = route ] && link_exists "$g_link" || continue
    # shellcheck disable=SC2086
    ip "$g_fam" route replace $g_rest dev "$g_link" 2>/dev/null || printf 'the route %s cannot be put back\n' "$g_rest"
  done <"$1"
}

# FILE LINK MTU MAC MASTER UP
network_restore_link() {
  g_is=$(ip -o link show dev "$2")
  case $g_is in
  *" master $5 "*) ;;
  *) if [ "$5" = - ]; then ip link set dev "$2" nomaster; elif link_exists "$5"; then ip link set dev "$2" master "$5"; fi || return 1 ;;
  esac
  case $g_is in *" mtu $3 "*) ;; *) ip link set dev "$2" mtu "$3" || return 1 ;; esac
  case $g_is in *"link/ether $4 "*) ;; *) [ "$4" = - ] || ip link set dev "$2" address "$4" || return 1 ;; esac
  ip link set dev "$2" "$6" || return 1
  link_addresses "$2" | while read -r g_what g_link g_address g_more; do
    g_more="address $2 $g_address${g_more:+ $g_more}"
    grep -qxF "$g_more" "$1" || ip addr del "$g_address" dev "$2" || exit 1
  done
}

# What the kernel has not made again by itself, and what it made only since.
network_restore_locals() {
  while read -r g_what g_link g_rest; do
    link_exists "$g_link" || continue
    case "$g_what $g_rest" in
    local*)
      link_locals "$g_link" | grep -qxF "local $g_link $g_rest" || ip addr add "$g_rest" dev "$g_link" scope link 2>/dev/null ||
        printf 'the address %s of %s cannot be put back\n' "$g_rest" "$g_link"
      ;;
    # A link that is down gets one as well when it is told how to make them.
    'setting ipv6/addr_gen_mode 1' | link*' down')
      link_locals "$g_link" | while read -r g_what g_link g_address; do
        grep -qxF "local $g_link $g_address" "$1" || ip addr del "$g_address" dev "$g_link"
      done
      ;;
    esac
  done <"$1"
}

# Removes a LINK that is nothing but what the kernel was told to make.
network_unmake() {
  for g_type in vlan bridge bond; do
    [ -z "$(ip -o link show dev "$1" type "$g_type" 2>/dev/null)" ] || { ip link del dev "$1"; return; }
  done
}

# Puts back what others put on the links, which networkd takes for left over.
network_keep() {
  while read -r g_what g_link g_rest; do
    case "$g_what $g_rest" in
    route*" proto static"* | route*" proto boot"*) continue ;;
    route*" proto "*) ;;
    address*)
      [ -n "$keep" ] && [ "$g_link" = "$name" ] || continue
      case " $had " in *" ${g_rest%% *} "*) continue ;; esac
      ;;
    *) continue ;;
    esac
    printf '%s\n' "$g_what $g_link $g_rest"
  done <"$d/old/live" | links_regain
}

# Prints the link whose own hardware address is MAC.
network_by_mac() {
  ip -o link show | grep -iF " permaddr $1" | network_names && return
  ip -o link show | grep -iF "link/ether $1 " | grep -vF ' permaddr ' | network_names | while read -r g_link; do
    for g_type in vlan bridge bond macvlan; do
      [ -z "$(ip -o link show dev "$g_link" type "$g_type")" ] || continue 2
    done
    printf '%s\n' "$g_link"
    break
  done
}

# Names in what `ip -o link` prints; false if there are none.
network_names() {
  sed -e 's/^[0-9]*: //' -e 's/[:@].*//' | grep .
}

# --- networkd ---

# Has networkd do what the files say, for the LINKs, and waits until it has.
network_tell() {
  networkctl reload || return 1
  nap
  nap
  for g_link in "$@"; do
    ! link_exists "$g_link" || networkctl reconfigure "$g_link" || return 1
  done
  nap
  nap
}

# Prints what the links lack of $want.
network_lacks() {
  printf '%s\n' "$want" | while read -r g_what g_link g_a g_b; do
    case $g_what in
    '') continue ;;
    link) g_has=$(ip -o link show dev "$g_link" 2>/dev/null | grep -F "${g_a:+ $g_a $g_b }") ;;
    detail) g_has=$(ip -o -d link show dev "$g_link" 2>/dev/null | grep -F " $g_a${g_b:+ $g_b} ") ;;
    address) g_has=$(ip -o addr show dev "$g_link" 2>/dev/null | grep -F " $g_a ") ;;
    # shellcheck disable=SC2086
    route) g_has=$(ip "$g_a" -o route show $g_b dev "$g_link" 2>/dev/null) ;;
    dhcp) g_has=$(ip -o addr show dev "$g_link" 2>/dev/null | grep -F ' dynamic'; ip -o link show dev "$g_link" | grep -F NO-CARRIER) ;;
    esac
    [ -n "$g_has" ] || printf '%s: %s\n' "$g_link" "$g_what${g_a:+ $g_a}${g_b:+ $g_b}"
  done
}

# Waits until the links have what they should, or says what they lack.
network_wait() {
  uptime_now
  g_end=$((g_up + 20))
  while g_lacks=$(network_lacks) && [ -n "$g_lacks" ]; do
    uptime_now
    if [ "$g_up" -ge "$g_end" ]; then
      printf 'systemd-networkd did not bring it about within 20 s. What is missing:\n%s\n' "$g_lacks"
      g_said=$(journalctl -q -b -u systemd-networkd -o cat --since -45s 2>/dev/null | grep -F -e "$name" -e "${parent:-$name}:" -e 05-groma | tail -n 5)
      [ -z "$g_said" ] || printf 'What it said:\n%s\n' "$g_said"
      return 1
    fi
    nap
  done
  g_file=$(networkd_says NETWORK_FILE "$name")
  [ "$g_file" = "$NETWORKS/05-groma-$name.network" ] ||
    die "systemd-networkd does not take its settings from 05-groma-$name.network, but from ${g_file:-no file}: rename that, so that it sorts behind"
}

# --- the change ---

change_check() {
  [ -n "$R" ] && { network_check_root; return; }
  command -v ip >/dev/null 2>&1 || die "there is no ip: install iproute2 first (host_package)"
  [ -n "$wanted" ] || return 0
  networkd_runs || die "systemd-networkd does not run here: have host_service start and enable systemd-networkd.service first"
  if [ -n "$rename" ]; then
    [ -n "$(network_by_mac "$rename")" ] || die "no link has the hardware address $rename"
  elif [ "$kind" = physical ]; then
    link_exists "$name" || die "there is no link $name; there are: $(ip -o link show | network_names | tr '\n' ' ')"
  elif link_exists "$name" && [ -z "$(ip -o link show dev "$name" type "$kind")" ]; then
    die "there is a link $name already, which is no $kind"
  fi
  for g_link in $members; do
    link_exists "$g_link" || die "there is no link $g_link to be a member"
    network_check_member "$g_link"
  done
  [ -z "$parent" ] || [ -n "$(networkd_file "$parent")" ] ||
    die "systemd-networkd does not manage $parent, which the VLAN is on: give it a host_network of its own first"
}

network_check_root() {
  for g_link in $members; do network_check_member "$g_link"; done
}

network_check_member() {
  g_file=$R$NETWORKS/06-groma-$1.network
  [ ! -e "$g_file" ] || grep -qxF "$head" "$g_file" ||
    die "$1 is already a member of $(sed -n 's/^# Kept by groma: host_network //p' "$g_file")"
}

change_capture() {
  # shellcheck disable=SC2046
  files_save $(network_files) $(network_wanted | cut -d ' ' -f 2)
  if [ -n "$R" ]; then
    guard_note network "$name" "$R/nothing/there"
    return
  fi
  g_named=$name
  if [ -n "$rename" ]; then
    g_named=$(network_by_mac "$rename")
    [ "$g_named" = "$name" ] || echo "named $name $g_named" >"$d/old/live-self"
  fi
  network_live "$g_named" >>"$d/old/live-self"
  cp "$d/old/live-self" "$d/old/live"
  [ -z "$parent" ] || network_live "$parent" >>"$d/old/live"
  for g_one in $members $leave; do network_live "$g_one" | tee -a "$d/old/live" >"$d/old/live-$g_one"; done
  sed -e '/^named/d' -e '/^setting/d' -e '/^local/d' -e 's/^none \(.*\)/no link \1/' -e 's/^link \([^ ]*\) \([^ ]*\) .* \([^ ]*\) \([^ ]*\)$/link \1 mtu \2 master \3 \4/' "$d/old/live" >"$d/old/shown"
  [ -n "$wanted" ] || return 0
  guard_note network "$name" "$d/old/live-self" || return 1
  for g_one in $members; do guard_note network "$name:$g_one" "$d/old/live-$g_one" || return 1; done
}

change_apply() {
  if [ -n "$R" ]; then
    network_write || return 1
    [ -n "$wanted" ] || found_forget network "$name"
    return
  fi
  network_write || return 1
  if [ -z "$wanted" ]; then
    network_gone
    return
  fi
  network_rename || return 1
  [ -z "$reset" ] || network_unmake "$name" || return 1
  for g_one in $leave; do ! link_exists "$g_one" || ip link set dev "$g_one" nomaster || return 1; done
  # shellcheck disable=SC2086
  network_tell $parent $members $leave "$name" || return 1
  if [ "$kind" != physical ] && ! link_exists "$name"; then
    # networkd makes a link anew only when it starts.
    nap; nap; nap; nap; nap
    link_exists "$name" || systemctl restart systemd-networkd || return 1
  fi
  # Some of it only works once the members are there.
  network_tune 2>/dev/null
  command -v resolvectl >/dev/null 2>&1 && resolvectl revert "$name" 2>/dev/null
  network_wait && network_tune && network_leave && network_keep
}

# shellcheck disable=SC2086
network_tune() {
  [ -z "$tune" ] || ip link set dev "$name" type "$kind" $tune
}

# Gives the link with the address $rename its name.
network_rename() {
  [ -n "$rename" ] || return 0
  g_old=$(network_by_mac "$rename")
  [ "$g_old" = "$name" ] && return 0
  ! link_exists "$name" || die "the link with the hardware address $rename is $g_old, and another has the name $name"
  network_call "$g_old" "$name"
}

# Gives the link OLD the name NEW, if it has not.
network_call() {
  link_exists "$1" && ! link_exists "$2" || return 0
  ip link set dev "$1" down && ip link set dev "$1" name "$2" && ip link set dev "$2" up
}

# Gives the links in $leave back what they had before they were members.
network_leave() {
  for g_one in $leave; do
    g_record=$(found_at network "$name:$g_one").kept
    [ ! -e "$g_record" ] || network_restore "$g_record" || return 1
    guard_forget_later network "$name:$g_one"
  done
}

# What is left to do once the files are gone: all is as it was found.
network_gone() {
  g_record=$(found_at network "$name").kept
  if [ -e "$g_record" ]; then
    [ "$kind" = physical ] || ! grep -q ^none "$g_record" || network_unmake "$name" || return 1
  fi
  if [ -e "$g_record" ]; then
    g_named=$(sed -n "s/^named $name //p" "$g_record")
    [ -z "$g_named" ] || network_call "$name" "$g_named" || return 1
  fi
  # shellcheck disable=SC2086
  ! networkd_runs || network_tell $parent $leave "$name" || return 1
  ! networkd_runs || networkd_wait "$name" || return 1
  [ ! -e "$g_record" ] || network_restore "$g_record" || return 1
  network_leave || return 1
  guard_forget_later network "$name"
}

change_undo() {
  files_back || return 1
  g_named=$(sed -n "s/^named $name //p" "$d/old/live")
  [ -z "$g_named" ] || network_call "$name" "$g_named" || return 1
  [ -z "$reset" ] || network_unmake "$name" || return 1
  if networkd_runs; then
    # shellcheck disable=SC2086
    network_tell $parent $members $leave "$name" || return 1
    [ -z "$reset" ] || link_exists "$name" || systemctl restart systemd-networkd || return 1
    # shellcheck disable=SC2086
    networkd_wait $parent $members $leave "$name"
  fi
  network_restore "$d/old/live"
}

change_boot() {
  files_back
}
