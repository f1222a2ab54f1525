# Changes of one user, $name. Values that are to be set have an equals sign before them; empty ones are left as they are.

# The number of the group GROUP (a name or a number).
gid_of() {
  case $1 in
  *[!0-9]*) g_found=$(field 3 "$(entry group "$1")") && [ -n "$g_found" ] || die "there is no group $1: make it first (host_group)"; printf %s "$g_found" ;;
  *) printf %s "$1" ;;
  esac
}

# Sets what is asked for: UID GROUP COMMENT HOME SHELL, each with an equals sign before it, or empty.
set_fields() {
  line=$(entry passwd "$name") || exit 1
  IFS=: read -r _ _ is_uid is_gid is_comment is_home is_shell <<G_END
$line
G_END
  new_uid=$is_uid new_gid=$is_gid new_comment=$is_comment new_home=$is_home new_shell=$is_shell
  [ -z "$1" ] || new_uid=${1#=}
  [ -z "$2" ] || new_gid=$(gid_of "${2#=}") || exit 1
  [ -z "$3" ] || new_comment=${3#=}
  [ -z "$4" ] || new_home=${4#=}
  [ -z "$5" ] || new_shell=${5#=}
  moves=
  if [ "$new_home" != "$is_home" ] && [ -d "$R$is_home" ] && [ ! -e "$R$new_home" ] && [ "$is_home" != / ]; then moves=1; fi
  if tools; then
    set --
    [ "$new_uid" = "$is_uid" ] || set -- "$@" -u "$new_uid"
    [ "$new_gid" = "$is_gid" ] || set -- "$@" -g "$new_gid"
    [ "$new_comment" = "$is_comment" ] || set -- "$@" -c "$new_comment"
    [ "$new_home" = "$is_home" ] || set -- "$@" -d "$new_home"
    [ -z "$moves" ] || set -- "$@" -m
    [ "$new_shell" = "$is_shell" ] || set -- "$@" -s "$new_shell"
    [ $# = 0 ] || usermod "$@" "$name" || exit 1
    return 0
  fi
  unused passwd "$new_uid" "$name"
  put_entry passwd "$name:x:$new_uid:$new_gid:$new_comment:$new_home:$new_shell" || exit 1
  if [ -n "$moves" ]; then
    within "$new_home"
    mkdir -p "$R${new_home%/*}" && mv "$R$is_home" "$R$new_home" || exit 1
  fi
  if [ "$(id -u)" = 0 ] && [ -d "$R$new_home" ] && [ "$new_home" != / ]; then
    if [ "$new_uid" != "$is_uid" ]; then find "$R$new_home" -user "$is_uid" -exec chown -h "$new_uid" {} + || exit 1; fi
    if [ "$new_gid" != "$is_gid" ]; then find "$R$new_home" -group "$is_gid" -exec chgrp -h "$new_gid" {} + || exit 1; fi
  fi
}

# Sets the second field of the user's line in /etc/shadow.
set_secret() {
  secret_line=$(entry shadow "$name") || exit 1
  if [ -n "$secret_line" ] && [ "$(field 2 "$secret_line")" = "$1" ]; then return 0; fi
  if [ -z "$R" ] && [ -n "$secret_line" ] && command -v chpasswd >/dev/null 2>&1; then
    # printf is part of the shell: what it prints is in no process list.
    printf '%s:%s\n' "$name" "$1" | chpasswd -e || exit 1
  else
    [ -n "$secret_line" ] || secret_line=$name:!:$(($(date +%s) / 86400)):0:99999:7:::
    put_entry shadow "$(with_field 2 "$1" "$secret_line")" || exit 1
  fi
}

# Sets a number of days in the user's line in /etc/shadow: FIELD DAYS.
set_days() {
  days_line=$(entry shadow "$name") || exit 1
  if [ "$(field "$1" "$days_line")" = "$2" ]; then return 0; fi
  [ -n "$days_line" ] || die "there is no line of $name in /etc/shadow"
  if tools && command -v chage >/dev/null 2>&1; then
    case $1 in
    3) chage -d "${2:--1}" "$name" ;;
    8) chage -E "${2:--1}" "$name" ;;
    esac || exit 1
  else
    put_entry shadow "$(with_field "$1" "$2" "$days_line")" || exit 1
  fi
}

# Makes the user's home, as useradd does.
make_home() {
  line=$(entry passwd "$name") || exit 1
  g_uid=$(field 3 "$line") g_gid=$(field 4 "$line") g_home=$(field 6 "$line")
  if [ -d "$R$g_home" ]; then return 0; fi
  within "$g_home"
  g_mode=$(awk '$1 == "HOME_MODE" { print $2; exit }' <"$R/etc/login.defs" 2>/dev/null)
  mkdir -p "$R${g_home%/*}" || exit 1
  (umask 077 && mkdir "$R$g_home") || exit 1
  if [ -d "$R/etc/skel" ]; then cp -R "$R/etc/skel/." "$R$g_home" || exit 1; fi
  if [ "$(id -u)" = 0 ]; then chown -R "$g_uid:$g_gid" "$R$g_home" || exit 1; fi
  chmod "${g_mode:-0755}" "$R$g_home" || exit 1
  if [ -z "$R" ] && command -v restorecon >/dev/null 2>&1; then restorecon -R "$g_home"; fi
}
