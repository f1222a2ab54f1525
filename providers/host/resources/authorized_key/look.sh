# Arguments: users. For each that is there a line @USER (or !USER if the file may not be read), then the file's lines, each
# after a greater-than sign.
for user; do
  line=$(keys_line "$user")
  [ -n "$line" ] || continue
  folder=$R$(printf '%s\n' "$line" | cut -d: -f 6)
  for at in "$folder" "$folder/.ssh"; do
    if [ -d "$at" ] && [ ! -x "$at" ]; then
      printf '!%s\n' "$user"
      continue 2
    fi
  done
  file=$folder/.ssh/authorized_keys
  if [ -e "$file" ] && [ ! -r "$file" ]; then
    printf '!%s\n' "$user"
  else
    printf '@%s\n' "$user"
    if [ -f "$file" ]; then { cat "$file"; echo; } | sed 's/^/>/'; fi
  fi
done
