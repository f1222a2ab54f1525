# What the scripts of components share. $component; $unit: the unit's name; $folder: where versions of its programs are.
units=$R/etc/systemd/system
pending=/run/groma/eksd/$component
live=; [ -z "$R" ] && live=1

# The value of one property of the unit.
show() {
  systemctl show --value --property="$1" -- "$unit"
}

running() {
  case $(show ActiveState) in active | reloading | refreshing | activating | deactivating) return 0 ;; esac
  return 1
}

# Remembers that a restart is due, before the first thing changes that it is due for: what was cut off is made good by the next
# apply. A host that boots starts everything anew.
mark() {
  [ -n "$live" ] || return 0
  mkdir -p "${pending%/*}" && printf '%s\n' "$1" >"$pending" || exit 1
}

# Makes the folder PATH and those above it, and remembers those that were not there.
make_folder() {
  [ -d "$R$1" ] && return 0
  case $1 in /*/*) make_folder "${1%/*}" || return 1 ;; esac
  found_note made "$(printf %s "$1" | sha256sum | head -c 32)" "$1" || return 1
  mkdir -m 0755 "$R$1" 2>/dev/null || [ -d "$R$1" ]
}

# A record's name for the path PATH.
key_of() {
  printf %s "$1" | sha256sum | head -c 32
}

# Prints the programs of the version in FOLDER with their digests.
sums() {
  (cd "$1" 2>/dev/null && for g_p in $programs; do [ ! -f "$g_p" ] || sha256sum "$g_p"; done)
}

# Ends the script with what systemd knows of a unit that failed.
failed() {
  systemctl show --property=ActiveState,SubState,Result,ExecMainStatus -- "$unit"
  printf 'log\n'
  journalctl --unit="$unit" --lines=15 --no-pager --quiet --output=cat 2>/dev/null
  die "$1"
}
