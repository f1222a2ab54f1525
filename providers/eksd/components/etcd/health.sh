# Whether the member at $own is well, and votes. $peer: its peer URL; arguments: whom to ask about members.
command -v etcdctl >/dev/null || die "there is no etcdctl"
why() { tail -n 1 | sed -e 's/^Error: //' -e 's/.*"error":"\([^"]*\)".*/\1/'; }
status=$(etcdctl --endpoints="$own" endpoint status -w json 2>&1) || { printf '%s\n' "$status" | why; exit 1; }
case $status in
*'"isLearner":true'*)
  said="its id is not known"
  for e in "$@"; do
    id=$(etcdctl --endpoints="$e" member list 2>/dev/null | grep -F -e "$peer," -e "$peer" | head -n 1)
    id=${id%%,*}
    [ -n "$id" ] || continue
    said=$(etcdctl --endpoints="$e" member promote "$id" 2>&1) && said= && break
    said=$(printf '%s\n' "$said" | why)
  done
  [ -z "$said" ] || { printf 'it is a learner yet: %s\n' "$said"; exit 1; } ;;
esac
said=$(etcdctl --endpoints="$own" endpoint health 2>&1) || { printf '%s\n' "$said" | why; exit 1; }
