alone
line=$(entry group "$name") || exit 1
if [ -z "$line" ]; then
  found_note group "$key" absent || exit 1
  make_group "$name" "$gid" "$system"
  line=$(entry group "$name")
else
  found_note group "$key" "$line" || exit 1
fi
if [ -n "$gid" ] && [ "$(field 3 "$line")" != "$gid" ]; then
  if tools; then
    groupmod -g "$gid" "$name" || exit 1
  else
    unused group "$gid" "$name"
    put_entry group "$(with_field 3 "$gid" "$line")" || exit 1
  fi
fi
if [ -n "$members_set" ]; then set_members "$members"; fi
