# What the scripts of host_service share. $names: the unit's names, with those of its alias and its Also= units.
units=$R/etc/systemd/system

# Prints "PATH TARGET" for each link that enables, aliases or masks one of $names.
links() {
  find "$units" -type l 2>/dev/null | while IFS= read -r link; do
    target=$(readlink "$link")
    for n in $names; do
      if [ "${link##*/}" = "$n" ] || [ "${target##*/}" = "$n" ]; then
        printf '%s %s\n' "${link#"$R"}" "$target"
        break
      fi
    done
  done
}

# The value of one property of the unit.
show() {
  systemctl show --value --property="$1" -- "$name"
}

# The unit's names; $more are those that its new text says.
all_names() {
  names="$name $more"
  if [ -z "$R" ] && [ "${name#*@.}" = "$name" ]; then
    id=$(show Id) fragment=$(show FragmentPath)
    [ "$id" = "$name" ] || names="$names $id"
    [ -f "$fragment" ] && names="$names $(sed -n 's/^Also=//p' "$fragment" | tr '\n' ' ')"
  fi
}

running() {
  case $(show ActiveState) in active | reloading | refreshing | activating) return 0 ;; esac
  return 1
}

# Ends the script with what systemd knows of a unit that failed, for the person who reads it.
failed() {
  systemctl show --property=ActiveState,SubState,Result,ExecMainStatus -- "$name"
  printf 'log\n'
  journalctl --unit="$name" --lines=15 --no-pager --quiet --output=cat 2>/dev/null
  die "$1"
}
