# Sets $setting to $value: of the running kernel if $running is set, and at boot by the file $p.
if [ -n "$R" ]; then running=; fi
if [ -n "$running" ] && ! [ -e "/proc/sys/$setting" ]; then
  die "the kernel has no such setting: check its name, or load its module first (host_kernel_module)"
fi
if ! found_known sysctl "$key"; then
  old=
  [ -z "$running" ] || old=$(cat "/proc/sys/$setting") || exit 1
  found_path sysctl-file "$key" "$R$p" && found_note sysctl "$key" "value=$old" || exit 1
fi
if [ -n "$running" ]; then
  said=$({ printf '%s\n' "$value" >"/proc/sys/$setting"; } 2>&1) ||
    die "the kernel refused the value (${said##*: }); where it lets nobody change the setting, as in containers, set ignore_running = true"
fi
mkdir -p "$R/etc/sysctl.d" && put_file "$R$p" "$sha" 0644 :
