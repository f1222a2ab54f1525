# What systemd-networkd does here. /sys/class/net is of no use: in containers it may show another's links.

# True when there is a LINK.
link_exists() {
  ip link show dev "$1" >/dev/null 2>&1
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
