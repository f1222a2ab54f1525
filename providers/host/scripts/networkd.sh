# What systemd-networkd does here. /sys/class/net is of no use: in containers it may show another's links.

# What it sets on a link without being asked to, and what only where its files say so (link_asked). How the kernel makes its own
# addresses (addr_gen_mode) is last: it makes them when that is written.
LINK_SETTINGS='ipv4/promote_secondaries ipv6/disable_ipv6 ipv6/accept_ra ipv6/use_tempaddr ipv6/proxy_ndp ipv6/addr_gen_mode'
LINK_ASKED='ipv4/proxy_arp ipv4/forwarding ipv4/rp_filter ipv4/accept_local ipv4/route_localnet
ipv6/forwarding ipv6/dad_transmits ipv6/hop_limit'
# What the kernel gives to every link when it is set for all: ip_forward is one of them.
LINK_COMMON='ipv4/forwarding ipv6/forwarding ipv6/disable_ipv6 ipv6/addr_gen_mode'

# True when there is a LINK.
link_exists() {
  ip link show dev "$1" >/dev/null 2>&1
}

# Prints the addresses of a LINK that neither a server nor a router gave.
link_addresses() {
  ip -o addr show dev "$1" 2>/dev/null | while read -r g_number g_name g_fam g_rest; do
    case $g_rest in *" scope link"* | *" scope host"* | *" dynamic"*) continue ;; esac
    g_flags=''
    for g_flag in nodad noprefixroute; do case $g_rest in *" $g_flag "*) g_flags="$g_flags $g_flag" ;; esac; done
    printf 'address %s %s\n' "$1" "${g_rest%% scope *}$g_flags"
  done
}

# Prints the IPv6 addresses of a LINK that are good on it only: the kernel's own.
link_locals() {
  ip -6 -o addr show dev "$1" scope link 2>/dev/null | while read -r g_number g_name g_fam g_rest; do
    printf 'local %s %s\n' "$1" "${g_rest%% *}"
  done
}

# Prints what the kernel is told of a LINK, which systemd-networkd sets and never puts back, and what it is told of all links.
# The shell's own `read` takes a byte at a time, of which such files give one only.
link_settings() {
  for g_name in $LINK_ASKED $LINK_SETTINGS; do
    g_value=$(link_setting "$1" "$g_name") && printf 'setting %s %s %s\n' "$1" "$g_name" "$g_value"
  done
  for g_name in $LINK_COMMON; do
    g_value=$(link_setting all "$g_name") && printf 'setting all %s %s\n' "$g_name" "$g_value"
  done
  :
}

# LINK NAME
link_setting() {
  cat "/proc/sys/net/${2%/*}/conf/$1/${2#*/}" 2>/dev/null
}

# Prints which of LINK_ASKED the .network files that it reads have systemd-networkd set.
link_asked() {
  while IFS= read -r g_line; do
    case $g_line in
    IPForward=* | IPMasquerade=*) echo ipv4/forwarding ipv6/forwarding ;;
    IPv4Forwarding=*) echo ipv4/forwarding ;;
    IPv6Forwarding=*) echo ipv6/forwarding ;;
    IPv4ReversePathFilter=*) echo ipv4/rp_filter ;;
    IPv4ProxyARP=*) echo ipv4/proxy_arp ;;
    IPv4AcceptLocal=*) echo ipv4/accept_local ;;
    IPv4RouteLocalnet=*) echo ipv4/route_localnet ;;
    IPv6DuplicateAddressDetection=*) echo ipv6/dad_transmits ;;
    IPv6HopLimit=*) echo ipv6/hop_limit ;;
    esac
  done
}

# Puts back the settings in FILE, of link_settings, that are systemd-networkd's own or, but for the links OTHERS, among ASKED.
# What others set meanwhile is theirs: a node without IP forwarding carries nothing for its pods.
links_set() {
  # shellcheck disable=SC2086
  g_own=$(echo $LINK_SETTINGS) g_asked=$(echo $LINK_SETTINGS $2)
  while read -r g_what g_link g_name g_value; do
    [ "$g_what" = setting ] && link_exists "$g_link" || continue
    case " $3 " in *" $g_link "*) g_may=$g_own ;; *) g_may=$g_asked ;; esac
    case " $g_may " in *" $g_name "*) ;; *) continue ;; esac
    g_common=$(sed -n "s#^setting all $g_name ##p" "$1" | head -n 1)
    [ -z "$g_common" ] || [ "$g_common" = "$(link_setting all "$g_name")" ] || continue
    link_set "$g_link" "$g_name" "$g_value"
  done <"$1"
}

# LINK NAME VALUE
link_set() {
  g_is=$(link_setting "$1" "$2") || return 0
  [ "$g_is" = "$3" ] || { printf '%s\n' "$3" >"/proc/sys/net/${2%/*}/conf/$1/${2#*/}"; } 2>/dev/null ||
    printf '%s of %s cannot be set to %s\n' "$2" "$1" "$3"
}

# Prints the routes over a LINK that somebody set.
link_routes() {
  for g_fam in -4 -6; do
    ip "$g_fam" -o route show table all dev "$1" 2>/dev/null | grep -v -e ' proto kernel' -e ' proto ra' -e ' proto dhcp' |
      tr '\\' ' ' | sed -e 's/ \(linkdown\|dead\|offload\|trap\|rt_offload\|rt_trap\)\( \|$\)/ /g' -e 's/ expires [^ ]*//' \
      -e 's/ pref medium//' -e 's/ *$//' -e "s/^/route $1 $g_fam /"
  done
}

# Gives links what the lines that it reads, of link_addresses and link_routes, say that they had and that they lack now.
# shellcheck disable=SC2086
links_regain() {
  while read -r g_what g_link g_rest; do
    case $g_what in
    address)
      link_addresses "$g_link" | grep -qxF "address $g_link $g_rest" ||
        ip addr replace $g_rest dev "$g_link" || return 1
      ;;
    route) ip "${g_rest%% *}" route add ${g_rest#* } dev "$g_link" 2>/dev/null ;;
    esac
  done
  :
}

networkd_runs() {
  has_systemd && systemctl is-active --quiet systemd-networkd
}

# Prints FIELD of what systemd-networkd says of LINK: NETWORK_FILE, ADMIN_STATE.
networkd_says() {
  g_index=$(ip -o link show dev "$2" 2>/dev/null)
  sed -n "s/^$1=//p" "/run/systemd/netif/links/${g_index%%:*}" 2>/dev/null
}

# Prints the .network file by which systemd-networkd manages LINK, nothing if it does not.
networkd_file() {
  if [ -n "$R" ]; then
    for g_file in "$R"/etc/systemd/network/*.network; do
      grep -qxF "Name=$1" "$g_file" 2>/dev/null && printf '%s\n' "${g_file#"$R"}" && return
    done
    return 0
  fi
  networkd_runs && networkd_says NETWORK_FILE "$1"
}

# Prints the links that systemd-networkd manages by the .network FILE, wherever that is.
networkd_links() {
  ip -o link show | sed -e 's/^[0-9]*: //' -e 's/[:@].*//' | while read -r g_link; do
    g_by=$(networkd_says NETWORK_FILE "$g_link")
    [ "${g_by##*/}" != "${1##*/}" ] || printf '%s\n' "$g_link"
  done
}

# Has systemd-networkd read its files, and waits until the LINKs are as they say, or 10 s.
networkd_reload() {
  networkctl reload || return 1
  # It answers before it begins.
  nap
  nap
  networkd_wait "$@"
}

networkd_wait() {
  uptime_now
  g_end=$((g_up + 10))
  for g_link in "$@"; do
    while [ "$(networkd_says ADMIN_STATE "$g_link")" = configuring ] || [ "$(networkd_says ADMIN_STATE "$g_link")" = pending ]; do
      uptime_now
      [ "$g_up" -lt "$g_end" ] || return 0
      nap
    done
  done
}
