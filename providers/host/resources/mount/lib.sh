# The first line of fstab that mounts at the path with the escapes ESCAPED.
mount_awk='
{
  keep($0)
  path = $2
  if (path != "/") sub(/\/+$/, "", path)
  if (!at && $0 !~ /^[ \t]*#/ && NF > 2 && path == ENVIRON["escaped"]) at = count
}
'

# Prints that line.
mount_line() {
  export escaped
  [ -e "$R/etc/fstab" ] || return 0
  awk "$g_lines$mount_awk"'END { if (at) print lines[at] }' <"$R/etc/fstab"
}

# Puts LINE in its place, or adds it; takes it out where LINE is empty. Those who mount by fstab learn of it.
mount_edit() {
  line=$1
  export escaped line
  [ -e "$R/etc/fstab" ] || [ -n "$line" ] || return 0
  edit_lines "$R/etc/fstab" "$mount_awk"'END {
    if (ENVIRON["line"] == "") { if (at) { for (i = at; i < count; i++) lines[i] = lines[i + 1]; count-- } }
    else if (at) lines[at] = ENVIRON["line"]
    else add(ENVIRON["line"])
  }' || return 1
  if [ -z "$R" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

# Prints the line of mountinfo of what is mounted at the path.
mount_live() {
  export escaped
  [ -n "$R" ] || awk '$5 == ENVIRON["escaped"] { line = $0 } END { print line }' </proc/self/mountinfo
}

# True when DEVICE (a `bind`, or a `device`) is what a LINE of mountinfo says that is mounted at PATH: HOW DEVICE PATH LINE.
mount_same() {
  g_number=$(printf '%s\n' "$4" | sed 's/^[0-9]* [0-9]* \([0-9:]*\) .*/\1/')
  case $1 in
  bind)
    g_is=$(stat -L -c %d:%i -- "$2" 2>/dev/null)
    [ -n "$g_is" ] && [ "$g_is" = "$(stat -L -c %d:%i -- "$3" 2>/dev/null)" ] ;;
  device)
    g_device=$(mount_device "$2")
    if [ -b "$g_device" ]; then
      g_is=$(stat -L -c '0x%t 0x%T' "$g_device") && [ "$(printf '%d:%d' $g_is)" = "$g_number" ] && return 0
      # File systems over several devices have numbers of their own.
      g_source=$(printf '%s\n' "$4" | sed 's/.* - [^ ]* \([^ ]*\) .*/\1/')
      [ "$(readlink -f "$g_source")" = "$(readlink -f "$g_device")" ]
    else
      [ -f "$g_device" ] && [ "$(cat "/sys/dev/block/$g_number/loop/backing_file" 2>/dev/null)" = "$(readlink -f "$g_device")" ]
    fi ;;
  *) return 1 ;;
  esac
}

# Prints the path of the device that a first field of fstab means.
mount_device() {
  case $1 in
  UUID=*) g_at=/dev/disk/by-uuid/${1#*=} ;;
  LABEL=*) g_at=/dev/disk/by-label/${1#*=} ;;
  PARTUUID=*) g_at=/dev/disk/by-partuuid/${1#*=} ;;
  PARTLABEL=*) g_at=/dev/disk/by-partlabel/${1#*=} ;;
  *) printf '%s' "$1"; return 0 ;;
  esac
  if [ -e "$g_at" ]; then printf '%s' "$g_at"; else findfs "$1" 2>/dev/null; fi
}

# Unmounts PATH, or says who holds it.
mount_off() {
  g_why=$(umount "$1" 2>&1) && return 0
  die "$g_why$(mount_holders "$1")"
}

# Says who uses what is mounted at PATH, as the end of a message.
mount_holders() {
  export escaped
  g_below=$(awk 'index($5, ENVIRON["escaped"] "/") == 1 { printf " %s", $5 }' </proc/self/mountinfo)
  g_who=$(
    ls -ld /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd/* 2>/dev/null | path=$1 awk '
      {
        text = substr($0, index($0, " /proc/") + 1)
        target = substr(text, index(text, " -> ") + 4)
        if (target != ENVIRON["path"] && index(target, ENVIRON["path"] "/") != 1) next
        split(text, part, "/")
        sub(/ .*/, "", part[4])
        if (!(part[3] in seen) && ++n <= 5) print part[3], part[4]
        seen[part[3]] = 1
      }' | while read -r g_pid g_what; do
      case $g_what in
      cwd) g_what='is in that folder' ;;
      root) g_what='has it as its root folder' ;;
      exe) g_what='runs from there' ;;
      *) g_what='has files open there' ;;
      esac
      printf '%s, process %s, %s; ' "$(cat "/proc/$g_pid/comm" 2>/dev/null)" "$g_pid" "$g_what"
    done
  )
  [ -z "$g_below" ] || printf ' Other file systems are mounted below it:%s.' "$g_below"
  [ -z "$g_who" ] || printf ' It is in use: %s: end that, and apply again' "${g_who%; }"
}

# Mounts PATH as fstab says.
mount_on() {
  g_why=$(mount "$1" 2>&1) && return 0
  case $g_why in
  *'unknown filesystem type'* | *'helper program'* | *'mount.'*': not found'*)
    die "$g_why. Is the program that mounts this type installed (nfs-common, cifs-utils; host_package), and is it in the kernel (host_kernel_module)?" ;;
  esac
  die "$g_why"
}
