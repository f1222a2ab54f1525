# Prints what is known of the modules that the arguments name, as lines of WHAT, the argument's number, = and a value.
index=0
for name in "$@"; do
  found_known kernel_module "$name" && printf 'found%s=1\n' "$index"
  [ -z "$R" ] && is_loaded "$name" && printf 'loaded%s=1\n' "$index"
  f=$R/etc/modules-load.d/groma-$name.conf
  if [ -r "$f" ]; then
    printf 'boot-file%s=1\n' "$index"
    while read -r line || [ -n "$line" ]; do printf 'boot%s=%s\n' "$index" "$line"; done <"$f"
  fi
  f=$R/etc/modprobe.d/groma-$name.conf
  if [ -r "$f" ]; then
    printf 'options-file%s=1\n' "$index"
    while read -r line || [ -n "$line" ]; do printf 'option%s=%s\n' "$index" "$line"; done <"$f"
  fi
  index=$((index + 1))
done
:
