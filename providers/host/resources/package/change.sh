# Makes a package as it is to be: $name, $version (empty where any will do), $hold (empty, true or false). `remove` as the first
# argument puts back what was found; $purge is false where configuration stays.
escaped=$(printf '%s' "$name" | sed 's/[].[*^$\/]/\\&/g')

# Notes packages that come with NAME (or the one at hand), so that they go with it.
found_with() {
  kept=$(found_at package "${2:-$name}").kept
  for came in $1; do
    [ "$came" = "${2:-$name}" ] || grep -q -x -F -e "$came" "$kept" 2>/dev/null || printf '%s\n' "$came" >>"$kept" || exit 1
  done
}

found_came() {
  tr '\n' ' ' 2>/dev/null <"$(found_at package "$name").kept"
}

# Others need it: it goes with those of groma's own, and is told of the rest.
stays_for() {
  for other; do
    if found_known package "$other"; then found_with "$name" "$other"; else printf 'needed-by=%s\n' "$other"; fi
  done
}

manager
lock_packages
# What a manager said whose script was ended meanwhile.
[ ! -e "$R/run/groma/packages.said" ] || rm -f "$R/run/groma/packages.said"
said= failed=
if [ "$1" = remove ]; then
  record=$(found_text package "$name")
  was() { printf '%s\n' "$record" | sed -n "s/^$1=//p"; }
  if [ -z "$record" ] && [ "$pm" != list ]; then
    # Imported and never changed: nothing is to be put back.
    exit 0
  elif [ -n "$(was installed)" ]; then
    # It was there before: only its marks go back.
    if [ -n "$("${pm}_version")" ]; then
      if [ -n "$(was held)" ]; then
        "${pm}_is_held" || "${pm}_hold" true || exit 1
      elif "${pm}_is_held"; then
        "${pm}_hold" false || exit 1
      fi
      [ -z "$(was auto)" ] || "${pm}_mark_auto" || exit 1
    fi
  else
    [ -z "$(was leftover)" ] || purge=false
    "${pm}_remove" || exit 1
  fi
  found_forget package "$name"
  rmdir "$R/var/lib/groma" 2>/dev/null
  if [ "$pm" = list ] && ! [ -e "$listed" ]; then
    rm -f "$R/run/groma/packages.lock"
    rmdir "$R/run/groma" "$R/run" "$R/var/lib" "$R/var" 2>/dev/null
  fi
  exit 0
fi

if [ "$pm" != list ] && ! found_known package "$name"; then
  installed=$("${pm}_version") held= auto= leftover=
  [ "$pm" != apt ] || leftover=$(apt_leftover)
  if [ -n "$installed" ]; then
    "${pm}_is_held" && held=1
    auto=$("${pm}_auto")
    # What came with a package of ours was not there before.
    grep -q -x -F -e "$name" "$R/var/lib/groma/found/package"/*.kept 2>/dev/null && installed=
  fi
  found_note package "$name" "installed=$installed
held=$held
auto=$auto
leftover=$leftover" || exit 1
fi
now=$("${pm}_version")
case $pm in
dnf | zypper) rpm_is_right && right=1 || right= ;;
*) right=; [ -n "$now" ] && { [ -z "$version" ] || [ "$version" = "$now" ]; } && right=1 ;;
esac
# What was not changed is not remembered either.
[ -n "$right" ] || ("${pm}_install") || {
  [ -n "$("${pm}_version")" ] || [ "$pm" = list ] || found_forget package "$name"
  exit 1
}
"${pm}_mark_manual"
if [ -n "$hold" ]; then
  if [ "$hold" = true ]; then
    "${pm}_is_held" || "${pm}_hold" true || exit 1
  elif "${pm}_is_held"; then
    "${pm}_hold" false || exit 1
  fi
fi
:
