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

# Remembers once what there was before.
note_found() {
  found_known eksd "$component" && return 0
  active=
  if [ -n "$live" ] && [ "$(show LoadState)" != not-found ] && running; then active=1; fi
  found_note eksd "$component" "active=$active" || exit 1
}

# What changes now makes a restart due.
due() {
  [ "$want_state" = stopped ] || mark restart
}

# Puts files and folders as they are to be. Arguments: +PATH SIZE SHA256 MODE OWNER for each file (the contents follow one after the
# other on standard input), -PATH for each to give back, /PATH MODE OWNER for each folder, =PATH for each that is not needed any
# longer. $changed is set when the unit changed.
put_files() {
  changed=
  while [ $# -gt 0 ]; do
    path=/${1#?/} to=$R/${1#?/}
    case $1 in /*) path=$1 to=$R$1 ;; esac
    within "$path"
    case $1 in
    +*)
      key=$(key_of "$path")
      found_path eksd-file "$key" "$to" || exit 1
      if [ -f "$to" ] && ! [ -L "$to" ] && [ "$(sha256sum <"$to")" = "$3  -" ]; then
        head -c "$2" >/dev/null
        chmod "$4" "$to" && own "$5" "$to" || exit 1
      else
        due
        make_folder "${path%/*}" || exit 1
        if [ -L "$to" ]; then rm -f "$to" || exit 1; fi
        head -c "$2" | put_file "$to" "$3" "$4" "$5" || exit 1
        [ "$path" = "/etc/systemd/system/$unit" ] && changed=1
      fi
      shift 5 ;;
    -*)
      key=$(key_of "$path")
      if found_known eksd-file "$key"; then
        [ ! -e "$to" ] || due
        found_restore eksd-file "$key" "$to" || exit 1
      fi
      shift ;;
    =*)
      remove_made "$path/-"
      shift ;;
    /*)
      if [ ! -d "$to" ]; then
        make_folder "${path%/*}" || exit 1
        found_note made "$(key_of "$path")" "$path" || exit 1
        mkdir -m 0700 "$to" 2>/dev/null || [ -d "$to" ] || exit 1
      fi
      own "$3" "$to" && chmod "$2" "$to" || exit 1
      shift 3 ;;
    esac
  done
}

# Whether groma brought the version in FOLDER: .source says by which digest, and is empty while it is being brought. What was there
# before has .found, or nothing.
is_brought() {
  [ -d "$1" ] && ! [ -L "$1" ] && [ -e "$1/.source" ] && ! [ -e "$1/.found" ]
}

# Has the link `current` lead to $version, and those in $bin to its programs.
switch_version() {
  if [ "$(readlink "$R$folder/current")" != "$version" ]; then
    due
    if ! is_brought "$R$folder/$(readlink "$R$folder/current")"; then
      found_path eksd-file "$(key_of "$folder/current")" "$R$folder/current" || exit 1
    fi
    rm -f "$R$folder/.current.new"
    ln -s "$version" "$R$folder/.current.new" && mv -fT "$R$folder/.current.new" "$R$folder/current" || exit 1
  fi
  for p in $programs; do
    [ -f "$R$folder/current/$p" ] || continue
    link=$bin/$p
    [ "$(readlink "$R$link")" != "$folder/current/$p" ] || continue
    found_path eksd-file "$(key_of "$link")" "$R$link" || exit 1
    make_folder "$bin" || exit 1
    rm -f "$R$link.groma-new"
    ln -s "$folder/current/$p" "$R$link.groma-new" && mv -fT "$R$link.groma-new" "$R$link" || exit 1
  done
  # Of what groma brought, only the version before this one stays, to go back to by hand.
  ls -t "$R$folder" 2>/dev/null | grep -v -x -F -e "$version" | while IFS= read -r old; do
    if is_brought "$R$folder/$old"; then printf '%s\n' "$old"; fi
  done | tail -n +2 | while IFS= read -r old; do
    rm -rf "$R$folder/$old"
  done
  rm -rf "$R$folder"/.*.new "$R$folder"/.*.old
}

# Takes away what groma brought of its programs, and the links to them. Versions that were there before stay.
drop_programs() {
  for p in $programs; do
    link=$bin/$p
    key=$(key_of "$link")
    if found_known eksd-file "$key"; then found_restore eksd-file "$key" "$R$link" || exit 1; fi
    remove_made "$link"
  done
  for place in "$R$folder"/*; do
    if is_brought "$place"; then
      rm -rf "$place" || exit 1
    elif [ -e "$place/.found" ] && ! [ -L "$place" ]; then
      rm -f "$place/.found" "$place/.sums" "$place/.source" || exit 1
    fi
  done
  rm -rf "$R$folder"/.*.new "$R$folder"/.*.old
  link=$R$folder/current
  if found_known eksd-file "$(key_of "$folder/current")"; then
    found_restore eksd-file "$(key_of "$folder/current")" "$link" || exit 1
  elif [ -L "$link" ] && ! [ -e "$link" ]; then
    rm -f "$link" || exit 1
  fi
  rmdir "$R$folder" 2>/dev/null
  found_forget made "$(key_of "$folder")"
  remove_made "$folder"
}
