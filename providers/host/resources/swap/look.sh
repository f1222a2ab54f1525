# Prints what there is of swap, as lines of NAME=VALUE.
if found_known swap host; then echo found=1; fi
if [ -z "$R" ] && [ -e /proc/swaps ]; then
  echo kernel=1
  swap_active | while read -r path priority; do
    printf 'active='
    swap_plain "$path"
    echo
  done
fi
if [ -e "$R/etc/fstab" ]; then
  awk "$swap_awk"'BEGIN { print "file=1" } is_swap($0) { print "fstab=" $0 }' <"$R/etc/fstab" || exit 1
fi
swap_units | sed 's/^/unit=/'
:
