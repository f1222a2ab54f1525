# A folder that stands for a host: packages are listed for who installs them into the image, one NAME or NAME=VERSION a line.
listed=$R/var/lib/groma/packages

list_version() {
  sed -n -e "s/^$escaped=//p" -e "s/^$escaped\$/any/p" "$listed" 2>/dev/null | head -n 1
}

# Takes the lines of NAME out of FILE, and puts LINE in.
list_put() {
  mkdir -p "${1%/*}" || exit 1
  { [ -z "$2" ] || printf '%s\n' "$2"; grep -v -e "^$escaped\$" -e "^$escaped=" "$1" 2>/dev/null; } | sort >"$1.new"
  if [ -s "$1.new" ]; then mv -f "$1.new" "$1"; else rm -f "$1.new" "$1"; fi
}

list_install() { list_put "$listed" "$name${version:+=$version}"; }
list_hold() { if [ "$1" = true ]; then list_put "${listed%/*}/held-packages" "$name"; else list_put "${listed%/*}/held-packages" ''; fi; }
list_is_held() { grep -q -x -F -e "$name" "${listed%/*}/held-packages" 2>/dev/null; }
list_auto() { :; }
list_mark_auto() { :; }
list_mark_manual() { :; }
list_remove() {
  list_put "$listed" ''
  list_hold false
}
