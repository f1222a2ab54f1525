# What a line of fstab looks like that groma took out: the mark, then the line.
swap_mark='# Kept off by groma: '

# True for lines that switch swap on at boot.
swap_awk='
function is_swap(line, field, n) {
  n = split(line, field)
  return n > 2 && field[1] !~ /^#/ && field[3] == "swap" && ("," field[4] ",") !~ /,noauto,/
}
'

# Prints the units and generators of systemd that are there, make or switch on swap, and are not masked; those that it makes of
# fstab are not among them.
swap_units() {
  for g_dir in etc/systemd/system run/systemd/system usr/local/lib/systemd/system usr/lib/systemd/system lib/systemd/system run/systemd/generator.late; do
    [ -d "$R/$g_dir" ] || continue
    for g_unit in "$R/$g_dir"/*.swap; do
      if [ -e "$g_unit" ]; then swap_unmasked system "${g_unit##*/}"; fi
    done
    for g_unit in zramswap zram-swap zram-config dphys-swapfile swapspace; do
      if [ -e "$R/$g_dir/$g_unit.service" ]; then swap_unmasked system "$g_unit.service"; fi
    done
  done | sort -u
  for g_dir in usr/local/lib usr/lib lib; do
    if [ -e "$R/$g_dir/systemd/system-generators/zram-generator" ]; then swap_unmasked system-generators zram-generator; break; fi
  done
}

# Prints NAME unless /etc/systemd/FOLDER masks it.
swap_unmasked() {
  g_mask=$R/etc/systemd/$1/$2
  if [ -L "$g_mask" ]; then
    [ "$(readlink "$g_mask")" = /dev/null ] && return 0
  elif [ -f "$g_mask" ] && ! [ -s "$g_mask" ]; then
    return 0
  fi
  printf '%s\n' "$2"
}

# Where NAME is masked, as a path of the host.
swap_place() {
  case $1 in
  zram-generator) printf '/etc/systemd/system-generators/%s' "$1" ;;
  *) printf '/etc/systemd/system/%s' "$1" ;;
  esac
}

# Prints what is swapped to now, as /proc/swaps says it: PATH, with octal escapes, then a blank and PRIORITY.
swap_active() {
  [ -n "$R" ] || awk 'NR > 1 { print $1, $NF }' /proc/swaps 2>/dev/null
}

# Prints a text with octal escapes as it is.
swap_plain() {
  printf "$(printf '%s' "$1" | sed 's/%/%%/g')"
}

# True where systemd runs.
has_systemd() {
  [ -z "$R" ] && [ -d /run/systemd/system ]
}
