# Prints what there is of the mounts, as lines of WHAT, the number, = and a value. Arguments: HOW DEVICE PATH KEY of each; $escaped
# is their paths with escapes, a line each. Where $recorded is set, what was asked for last counts for HOW DEVICE.
export escaped
awk_at='BEGIN { n = split(ENVIRON["escaped"], list, "\n"); for (i = 1; i <= n; i++) at[list[i]] = i - 1 }'
if [ -e "$R/etc/fstab" ]; then
  awk "$awk_at"'
  {
    path = $2
    if (path != "/") sub(/\/+$/, "", path)
    if ($0 !~ /^[ \t]*#/ && NF > 2 && path in at && !seen[path]++) print "line" at[path] "=" $0
  }' <"$R/etc/fstab" || exit 1
fi
lives=
if [ -z "$R" ]; then
  lives=$(awk "$awk_at"'$5 in at { last[$5] = $0 } END { for (path in last) print "live" at[path] "=" last[path] }' </proc/self/mountinfo) || exit 1
  printf '%s\n' "$lives"
fi
index=0
while [ $# -gt 0 ]; do
  how=$1 device=$2 f=$R/var/lib/groma/found/mount-asked/$4
  if [ -n "$recorded" ] && [ -r "$f" ]; then
    { read -r how device && IFS= read -r line; } <"$f"
    printf 'asked%s=%s\n' "$index" "$line"
  fi
  case $lives in
  *"live$index="*)
    live=$(printf '%s\n' "$lives" | sed -n "s/^live$index=//p")
    if mount_same "$how" "$device" "$3" "$live"; then printf 'same%s=1\n' "$index"; fi ;;
  esac
  index=$((index + 1))
  shift 4
done
:
