# Puts $setting and the file $p back as they were found.
old=$(found_text sysctl "$key" | sed -n 's/^value=//p')
if [ -z "$R" ] && [ -n "$old" ] && [ -e "/proc/sys/$setting" ]; then
  said=$({ printf '%s\n' "$old" >"/proc/sys/$setting"; } 2>&1) || die "the kernel refused the value that was found ($old): ${said##*: }"
fi
found_restore sysctl-file "$key" "$R$p" && found_forget sysctl "$key"
