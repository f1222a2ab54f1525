alone
was=$(found_text group "$key")
line=$(entry group "$name") || exit 1
case $was in
'')
  # Nothing was made or changed by groma: what was imported stays.
  exit 0
  ;;
absent)
  if [ -n "$line" ]; then
    gid=$(field 3 "$line")
    user=$([ ! -e "$R/etc/passwd" ] || gid=$gid awk -F: '$4 == ENVIRON["gid"] { print $1; exit }' <"$R/etc/passwd")
    [ -z "$user" ] || die "it is the own group of the user $user: give that another group, or remove it first"
    if tools; then
      groupdel "$name" || exit 1
    else
      drop_entry gshadow "$name" && drop_entry group "$name" || exit 1
    fi
  fi
  ;;
*)
  gid=$(field 3 "$was")
  if [ -z "$line" ]; then
    make_group "$name" "$gid" false
  elif [ "$(field 3 "$line")" != "$gid" ]; then
    if tools; then groupmod -g "$gid" "$name"; else put_entry group "$(with_field 3 "$gid" "$line")"; fi || exit 1
  fi
  if [ -n "$members_set" ] || [ -z "$line" ]; then
    set_members "$(field 4 "$was" | tr , '\n')"
  fi
  ;;
esac
found_forget group "$key"
