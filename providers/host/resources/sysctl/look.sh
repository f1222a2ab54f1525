# Prints runningN=VALUE, bootN=VALUE and foundN=1 for the setting number N. Arguments: SETTING FILE KEY of each.
index=0
while [ $# -gt 0 ]; do
  if [ -z "$R" ] && [ -e "/proc/sys/$1" ]; then
    # Its first line, read at once: dash's `read` asks for one byte after the other, and the kernel answers the first.
    { value=$(cat "/proc/sys/$1"); } 2>/dev/null || value=
    printf 'running%s=%s\n' "$index" "${value%%
*}"
  fi
  if [ -r "$R$2" ]; then
    value=
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
      '#'* | ';'*) ;;
      *=*) value=${line#*=} ;;
      esac
    done <"$R$2"
    printf 'boot%s=%s\n' "$index" "$value"
  fi
  found_known sysctl "$3" && printf 'found%s=1\n' "$index"
  index=$((index + 1))
  shift 3
done
:
