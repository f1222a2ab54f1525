secret=
if [ -n "$secret_set" ]; then
  IFS= read -r secret || die 'the hash of the password arrived incomplete'
fi
if [ -z "$R" ] && [ -n "$shell" ] && [ ! -x "${shell#=}" ]; then
  die "there is no shell ${shell#=} on the host: install it first (host_package), or give another"
fi
alone
line=$(entry passwd "$name") || exit 1
if [ -n "$line" ]; then
  found_known user "$key" || (umask 077; found_note user "$key" "passwd $line
shadow $(entry shadow "$name")
groups $(groups_of "$name" | tr '\n' ' ')") || exit 1
else
  if [ -z "$R" ] && id "$name" >/dev/null 2>&1; then
    die "the user $name comes from elsewhere than /etc/passwd (from LDAP or the like)"
  fi
  # Its own group may be another resource, or the host's: then it is kept when the user goes.
  own=$(entry group "$name")
  makes=
  if [ -z "$own$group" ]; then makes=made; fi
  found_note user "$key" "absent $makes
group $own" || exit 1
  if [ "$system" = true ] && [ -z "$shell" ]; then
    shell==/usr/sbin/nologin
    [ -e "$R/usr/sbin/nologin" ] || [ ! -e "$R/sbin/nologin" ] || shell==/sbin/nologin
  fi
  if tools; then
    set --
    [ -z "$uid" ] || set -- "$@" -u "${uid#=}"
    if [ -n "$group" ]; then
      gid_of "${group#=}" >/dev/null || exit 1
      set -- "$@" -g "${group#=}"
    elif [ -n "$own" ]; then
      set -- "$@" -g "$name"
    else
      set -- "$@" -U
    fi
    [ -z "$home" ] || set -- "$@" -d "${home#=}"
    [ -z "$shell" ] || set -- "$@" -s "${shell#=}"
    [ -z "$comment" ] || set -- "$@" -c "${comment#=}"
    [ "$system" != true ] || set -- "$@" -r
    said=$(useradd -M "$@" "$name" 2>&1) || die "${said:-useradd failed}"
  else
    id=${uid#=}
    [ -n "$id" ] || id=$(free_id "$system")
    unused passwd "$id" "$name"
    if [ -n "$group" ]; then
      gid=$(gid_of "${group#=}") || exit 1
    else
      if [ -z "$own" ]; then
        taken=$(id=$id awk -F: '$3 == ENVIRON["id"] { print $1; exit }' <"$R/etc/group" 2>/dev/null)
        [ -z "$taken" ] && gid=$id || gid=$(free_id "$system")
        make_group "$name" "$gid" "$system"
      fi
      gid=$(gid_of "$name") || exit 1
    fi
    home=${home:-=/home/$name} shell=${shell:-=/bin/sh}
    put_entry shadow "$name:!:$(($(date +%s) / 86400)):0:99999:7:::" || exit 1
    put_entry passwd "$name:x:$id:$gid:${comment#=}:${home#=}:${shell#=}" || exit 1
  fi
fi
set_fields "$uid" "$group" "$comment" "$home" "$shell"
[ "$create_home" != true ] || make_home

# The password, and whether it is locked, are one field; with a password it is always said whether it is locked.
if [ -n "$secret_set$locked" ]; then
  is=$(field 2 "$(entry shadow "$name")")
  body=$is
  while [ "${body#!}" != "$body" ]; do body=${body#!}; done
  [ -z "$secret_set" ] || body=$secret
  if [ "$locked" = true ]; then body=!$body; else body=${body:-*}; fi
  set_secret "$body"
fi
[ -z "$expires" ] || set_days 8 "${expires#=}"

if [ -n "$groups_set" ]; then
  is=$(groups_of "$name")
  for one in $is; do
    if ! among "$groups" "$one" && { [ "$exclusive" = true ] || among "$leave" "$one"; }; then member "$one" drop "$name"; fi
  done
  for one in $groups; do
    if ! among "$is" "$one"; then
      [ -n "$(entry group "$one")" ] || die "there is no group $one: make it first (host_group)"
      member "$one" add "$name"
    fi
  done
fi
