alone
was=$(found_text user "$key")
line=$(entry passwd "$name") || exit 1
own_was=

# Removes the home of a user that is gone: HOME UID. Folders right below the root stay.
remove_home() {
  case $1 in /*/*) ;; *) return 0 ;; esac
  if [ ! -d "$R$1" ] || [ -L "$R$1" ]; then return 0; fi
  within "$1"
  if [ -z "$R" ]; then
    [ "$(stat -c %u "$1")" = "$2" ] || die "the home $1 does not belong to $name: remove it by hand, or set remove_home = false"
    g_mount=$(awk -v home="$1" 'index($5 "/", home "/") == 1 { print $5; exit }' </proc/self/mountinfo)
    [ -z "$g_mount" ] || die "$g_mount is mounted in the home $1: unmount it first"
  fi
  rm -rf "$R$1"
}

# Who runs something as the user.
running() {
  for g_status in /proc/[0-9]*/status; do
    awk -v uid="$1" -v pid="${g_status#/proc/}" '
      $1 == "Name:" { comm = $2 } $1 == "Uid:" { if ($2 == uid) { sub("/.*", "", pid); print comm " (" pid ")" } exit }' "$g_status" 2>/dev/null
  done | head -n 10 | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}

case $was in
'')
  # Nothing was made or changed by groma: who was imported stays.
  exit 0
  ;;
absent*)
  if [ -n "$line" ]; then
    uid=$(field 3 "$line") gid=$(field 4 "$line") home=$(field 6 "$line")
    own_was=$(entry group "$name")
    if tools; then
      tries=0
      # What a log-in leaves behind ends some seconds after it.
      until said=$(userdel "$name" 2>&1); do
        case $? in 8) ;; *) die "${said:-userdel failed}" ;; esac
        tries=$((tries + 1))
        [ $tries -lt 15 ] || die "processes run as it: $(running "$uid"). Stop them, and apply again"
        sleep 1
      done
    else
      for one in $(groups_of "$name"); do member "$one" drop "$name"; done
      drop_entry passwd "$name" && drop_entry shadow "$name" || exit 1
    fi
  fi
  # userdel takes the group of the same name along, whose ever it is, and leaves it if it is told to.
  own=$(printf '%s\n' "$was" | sed -n 's/^group //p')
  is=$(entry group "$name")
  if [ -n "$own" ] && [ -n "$own_was" ] && [ -z "$is" ]; then
    make_group "$name" "$(field 3 "$own_was")" false
  elif among "$was" "absent made" && [ -n "$is" ] && [ -z "$(field 4 "$is")" ]; then
    others=$(gid=$(field 3 "$is") awk -F: '$4 == ENVIRON["gid"] { print $1; exit }' <"$R/etc/passwd")
    if [ -z "$others" ]; then
      if tools; then groupdel "$name" 2>/dev/null; else drop_entry gshadow "$name" && drop_entry group "$name"; fi || exit 1
    fi
  fi
  not_alone
  if [ "$remove_home" = true ] && [ -n "$line" ]; then remove_home "$home" "$uid"; fi
  ;;
*)
  if [ -n "$line" ]; then
    passwd_was=$(printf '%s\n' "$was" | sed -n 's/^passwd //p')
    shadow_was=$(printf '%s\n' "$was" | sed -n 's/^shadow //p')
    groups_was=$(printf '%s\n' "$was" | sed -n 's/^groups //p' | tr ' ' '\n')
    IFS=: read -r _ _ was_uid was_gid was_comment was_home was_shell <<G_END
$passwd_was
G_END
    set_fields "=$was_uid" "=$was_gid" "=$was_comment" "=$was_home" "=$was_shell"
    if [ -n "$shadow_was" ]; then
      set_secret "$(field 2 "$shadow_was")"
      set_days 8 "$(field 8 "$shadow_was")"
      set_days 3 "$(field 3 "$shadow_was")"
    fi
    is=$(groups_of "$name")
    for one in $groups; do
      if among "$is" "$one" && ! among "$groups_was" "$one"; then member "$one" drop "$name"; fi
    done
    for one in $groups_was; do
      if [ -n "$groups_set" ] && ! among "$is" "$one" && [ -n "$(entry group "$one")" ]; then member "$one" add "$name"; fi
    done
  fi
  ;;
esac
found_forget user "$key"
