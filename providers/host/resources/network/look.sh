# Prints what there is of a link: its files, which of them are not as they should be, and its state.
part() {
  [ ! -e "$2" ] || { printf '%s=' "$1"; base64 <"$2" | tr -d '\n'; echo; }
}
part network "$R$NETWORKS/05-groma-$name.network"
part netdev "$R$NETWORKS/05-groma-$name.netdev"
part link "$R$NETWORKS/05-groma-$name.link"
network_wanted | while read -r g_link g_path g_text; do
  [ "$(cat "$R$g_path" 2>/dev/null; echo x)" = "$(printf '%s' "$g_text" | base64 -d; echo x)" ] || echo "wrong=$g_link"
done
for g_file in $(network_files); do
  case $g_file in
  */06-groma-*) g_link=${g_file##*/06-groma-} && echo "member=${g_link%.network}" ;;
  */05-groma-*.network.d/*)
    g_link=${g_file%.network.d/*} g_link=${g_link##*/05-groma-}
    echo "tied=$g_link"
    ! grep -qx PrimarySlave=yes "$R$g_file" || echo "primary=$g_link"
    ;;
  esac
done
! found_known network "$name" || echo recorded=yes
[ -n "$R" ] && exit 0
command -v ip >/dev/null 2>&1 || die "there is no ip: install iproute2 first (host_package)"
echo "links=$(ip -j -d addr show | tr -d '\n')"
link_exists "$name" || exit 0
g_file=$(networkd_file "$name")
echo "manager=$g_file"
[ -z "$g_file" ] || part managed "$g_file"
for g_fam in 4 6; do echo "routes=$(ip "-$g_fam" -j route show table all dev "$name" | tr -d '\n')"; done
g_index=$(ip -o link show dev "$name") g_index=${g_index%%:*}
echo "lease=$(sed -n 's/^ADDRESS=//p' "/run/systemd/netif/leases/$g_index" 2>/dev/null)"
if has_systemd && systemctl is-active --quiet systemd-resolved && command -v resolvectl >/dev/null 2>&1; then
  echo "dns=$(resolvectl dns "$name" 2>/dev/null | sed 's/^[^:]*): *//')"
  echo "domains=$(resolvectl domain "$name" 2>/dev/null | sed 's/^[^:]*): *//')"
elif [ -n "$g_file" ]; then
  echo "dns=$(networkd_says DNS "$name")"
  echo "domains=$(networkd_says DOMAINS "$name") $(networkd_says ROUTE_DOMAINS "$name" | sed 's/[^ ][^ ]*/~&/g')"
fi
:
