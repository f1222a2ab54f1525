# Makes the module $name as it is to be: $loaded now; the files' contents follow one after the other on standard input.
# Arguments: NAME VALUE of each option.
if ! found_known kernel_module "$name"; then
  was=
  [ -z "$R" ] && is_loaded "$name" && was=1
  found_path kernel_module-boot "$name" "$R/etc/modules-load.d/groma-$name.conf" &&
    found_path kernel_module-options "$name" "$R/etc/modprobe.d/groma-$name.conf" &&
    found_note kernel_module "$name" "loaded=$was" || exit 1
fi
# Writes or removes FILE of SIZE and SHA256.
put() {
  if [ "$2" = 0 ]; then
    rm -f "$1"
  else
    mkdir -p "${1%/*}" && head -c "$2" | put_file "$1" "$3" 0644 :
  fi || exit 1
}
put "$R/etc/modules-load.d/groma-$name.conf" "$boot_size" "$boot_sha"
put "$R/etc/modprobe.d/groma-$name.conf" "$options_size" "$options_sha"
[ -z "$R" ] || exit 0
case $loaded in
true)
  if ! is_loaded "$name"; then
    modprobe -- "$name" || die "is it part of the host's kernel ($(uname -r)), or of a package that is not installed?"
  fi
  while [ $# -gt 0 ]; do
    parameter=/sys/module/$name/parameters/$1
    if [ -w "$parameter" ] && [ "$(cat "$parameter" 2>/dev/null)" != "$2" ]; then
      # It may allow this only when it is loaded.
      { printf '%s\n' "$2" >"$parameter"; } 2>/dev/null
    fi
    shift 2
  done ;;
false)
  if is_loaded "$name"; then
    if is_built_in "$name"; then die "it is built into the kernel, and cannot be unloaded"; fi
    modprobe -r -- "$name" || die "something uses it: end that first, or reboot (host_reboot) and apply again"
  fi ;;
esac
:
