# Puts the module $name back as it was found. What is in use stays loaded until the next boot.
record=$(found_text kernel_module "$name")
found_restore kernel_module-boot "$name" "$R/etc/modules-load.d/groma-$name.conf" &&
  found_restore kernel_module-options "$name" "$R/etc/modprobe.d/groma-$name.conf" || exit 1
if [ -z "$R" ]; then
  case $record in
  loaded=1) is_loaded "$name" || modprobe -- "$name" || exit 1 ;;
  loaded=) if is_loaded "$name" && ! is_built_in "$name"; then modprobe -r -- "$name" 2>/dev/null; fi ;;
  esac
fi
found_forget kernel_module "$name"
