# The keys that may log in as a user. The folder belongs to that user, who may change it at any moment: no link in it is
# followed, and nothing is written but new files, whose names must not be taken.

# The line of USER in /etc/passwd, or from where else the host has users.
keys_line() {
  if [ -z "$R" ] && command -v getent >/dev/null 2>&1; then
    getent passwd "$1"
  elif [ -e "$R/etc/passwd" ]; then
    user=$1 awk -F: '$1 == ENVIRON["user"] { print; exit }' <"$R/etc/passwd"
  fi
}

# Goes into the folder of $user's keys; make makes it: make|have. False if it is not there.
keys_enter() {
  line=$(keys_line "$user")
  if [ -z "$line" ]; then
    [ "$1" = have ] && return 1
    die "there is no user $user: make it first (host_user)"
  fi
  IFS=: read -r _ _ uid gid _ home _ <<G_END
$line
G_END
  within "$home"
  if ! cd -P "$R$home" 2>/dev/null; then
    [ "$1" = have ] && return 1
    die "the home $home of $user is missing: make it first (create_home of the host_user)"
  fi
  at=$(pwd -P)
  if [ ! -d .ssh ] && [ ! -L .ssh ]; then
    [ "$1" = have ] && return 1
    found_note authorized_key "$owner_key" folder || exit 1
    (umask 077 && mkdir .ssh) && keys_own .ssh && relabel .ssh || exit 1
  fi
  cd -P .ssh || exit 1
  [ "$(pwd -P)" = "${at%/}/.ssh" ] || die "$home/.ssh is a link, and links in homes are not followed: make it a folder"
  if [ -L authorized_keys ]; then die "$home/.ssh/authorized_keys is a link, and links in homes are not followed: make it a file"; fi
  if [ -e authorized_keys ] && [ ! -f authorized_keys ]; then die "$home/.ssh/authorized_keys is no file"; fi
  return 0
}

keys_own() {
  if [ "$(id -u)" = 0 ]; then chown -h "$uid:$gid" "$1"; fi
}

# The file's content, with an x at its end.
keys_read() {
  if [ -f authorized_keys ]; then
    if dd if=/dev/null iflag=nofollow status=none 2>/dev/null; then
      dd if=authorized_keys iflag=nofollow bs=65536 status=none || exit 1
    else
      cat authorized_keys || exit 1
    fi
  fi
  printf x
}

# Makes LINE the line of the key, or with an empty one removes the key.
keys_put() {
  line=$1
  export blob line
  content=$(keys_read) || exit 1
  content=${content%x}
  g_open=1
  case $content in *"
" | '') g_open= ;; esac
  export g_open
  mode=600
  if [ -f authorized_keys ]; then mode=$(stat -c %a authorized_keys) || exit 1; fi
  # SSH takes no keys from what others can write to.
  drop_unfinished .authorized_keys
  new=.authorized_keys.groma-new-$$
  (
    umask "$(printf %04o $((0777 & ~0$mode | 022)))" || exit 1
    set -C
    printf '%s' "$content" | awk "$g_lines$keys_awk"'
      END { if (!done && ENVIRON["line"] != "") add(ENVIRON["line"]) }
    '"$g_lines_end" >"$new"
  ) && keys_own "$new" && mv -f "$new" authorized_keys && relabel authorized_keys || { rm -f "$new"; exit 1; }
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u .)" != "$uid" ]; then chown "$uid:$gid" . || exit 1; fi
  case $(stat -c %A .) in ?????w* | ????????w*) chmod go-w . || exit 1 ;; esac
}

# Prints the line of the key as it is.
keys_found() {
  export blob
  content=$(keys_read) || exit 1
  printf '%s' "${content%x}" | awk "$keys_has"'has() { print; exit }'
}

keys_has='
function has(   n, i, part) {
  if ($0 ~ /^[ \t]*#/) return 0
  n = split($0, part, /[ \t\r]+/)
  for (i = 1; i <= n; i++) if (part[i] == ENVIRON["blob"]) return 1
  return 0
}
'
keys_awk="$keys_has"'
!has() { keep($0); next }
!done && ENVIRON["line"] != "" { done = 1; keep(ENVIRON["line"]) }
'
