# Functions for the scripts of the host provider. POSIX sh (dash, busybox ash) and coreutils only.
# $R is the root folder that all absolute paths are under: empty on a running host.

# Says why, and ends the script.
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Ends what lost shells of ours still run: their mark is in their command line, and in that of their forks.
# Those that lead a group have it ended with them.
end_stale() {
  for g_mark in "$@"; do
    for g_line in /proc/[0-9]*/cmdline; do
      g_pid=${g_line#/proc/} g_pid=${g_pid%/cmdline}
      [ "$g_pid" != "$$" ] && grep -aqF -e "$g_mark" "$g_line" 2>/dev/null &&
        { kill -9 "-$g_pid" || kill -9 "$g_pid"; } 2>/dev/null
    done
  done
  :
}

# --- what was found: FOUND/TYPE/KEY.kept is a copy of what was there, FOUND/TYPE/KEY says that this was recorded ---

# Where the record of a TYPE and KEY is.
found_at() {
  printf '%s' "$R/var/lib/groma/found/$1/$2"
}

# True when there is a record of TYPE KEY.
found_known() {
  [ -e "$R/var/lib/groma/found/$1/$2" ]
}

# Records a text for TYPE KEY (usually NAME=VALUE lines), once; later calls change nothing. Several shells may record the same.
found_note() {
  found_known "$1" "$2" && return 0
  found_folder "$1" || return 1
  g_new=$g_found/.$2.new-$$
  # Another shell that forgets the last record of the type may take the folder away meanwhile.
  for g_try in 1 2 3 4 5; do
    { printf '%s\n' "$3" >"$g_new"; } 2>/dev/null && break
    found_folder "$1"
  done
  [ -e "$g_new" ] || printf '%s\n' "$3" >"$g_new" || return 1
  mv -f "$g_new" "$g_found/$2"
}

# Makes the folder for records of TYPE, and names it g_found.
found_folder() {
  g_found=$R/var/lib/groma/found/$1
  [ -d "$g_found" ] || { mkdir -p "$g_found" && chmod 700 "$R/var/lib/groma" "$R/var/lib/groma/found"; }
}

# Records the file, link or absence at PATH for TYPE KEY, once. g_first says that it was not recorded before: then nothing of
# ours was ever written there.
found_path() {
  g_first=
  found_known "$1" "$2" && return 0
  g_first=1
  found_folder "$1" || return 1
  if [ -e "$3" ] || [ -L "$3" ]; then
    # Whole or not at all: it is what comes back, also where nothing more is recorded.
    g_part=$g_found/.$2.part-$$
    [ ! -e "$g_part" ] && [ ! -L "$g_part" ] || rm -f "$g_part"
    cp -a "$3" "$g_part" && mv -f "$g_part" "$g_found/$2.kept" && found_note "$1" "$2" "kept ${3#"$R"}"
  else
    # That it is there says all.
    { printf 'absent %s\n' "${3#"$R"}" >"$g_found/$2"; } 2>/dev/null || found_note "$1" "$2" "absent ${3#"$R"}"
  fi
}

# The same of what a file at PATH is written to: what a link leads to, with the link. Names that as g_real.
found_real() {
  real_path "$3"
  if [ "$g_real" != "$3" ] && ! found_known "$1" "$2"; then found_note "$1-link" "$2" "$(readlink "$3")" || return 1; fi
  found_path "$1" "$2" "$g_real"
}

# Prints the record of TYPE KEY.
found_text() {
  cat "$R/var/lib/groma/found/$1/$2" 2>/dev/null
}

# Forgets the record of TYPE KEY.
found_forget() {
  rm -rf "$R/var/lib/groma/found/$1/$2" "$R/var/lib/groma/found/$1/$2.kept" "$R/var/lib/groma/found/$1/.$2.part-"*
  rmdir "$R/var/lib/groma/found/$1" "$R/var/lib/groma/found" "$R/var/lib/groma" 2>/dev/null
  :
}

# Removes the folders above PATH that groma made and that no resource has, as far as nothing is left in them.
remove_made() {
  g_up=$1
  while [ -d "$R/var/lib/groma/found/made" ]; do
    g_up=${g_up%/*}
    [ -n "$g_up" ] || return 0
    g_key=$(printf %s "$g_up" | sha256sum | head -c 32)
    found_known made "$g_key" || return 0
    # Another shell may just have taken it away.
    rmdir "$R$g_up" 2>/dev/null || [ ! -d "$R$g_up" ] || return 0
    found_forget made "$g_key"
  done
}

# Makes the folders that are missing, PATH KEY of each, the topmost first: they go with the last thing in them.
make_missing() {
  while [ $# -gt 0 ]; do
    if [ ! -d "$R$1" ]; then
      found_note made "$2" "$1" || return 1
      mkdir -m 0755 "$R$1" || [ -d "$R$1" ] || return 1
      relabel "$R$1"
    fi
    shift 2
  done
}

# Puts back what was at PATH before (nothing, if nothing was or is recorded), and forgets the record.
found_restore() {
  g_found=$R/var/lib/groma/found/$1/$2
  drop_unfinished "$3"
  if [ -e "$g_found.kept" ] || [ -L "$g_found.kept" ]; then
    # Into a folder that a link leads to would otherwise be moved.
    if [ -L "$3" ] && [ -d "$3" ]; then rm -f "$3"; fi
    cp -a "$g_found.kept" "$3.groma-restored" && mv -f "$3.groma-restored" "$3" || return 1
  else
    rm -f "$3" || return 1
    remove_made "${3#"$R"}"
  fi
  found_forget "$1" "$2"
}

# Puts back what found_real recorded for TYPE KEY of PATH: what the link led to, and the link unless somebody made another one.
found_restore_real() {
  if ! found_known "$1-link" "$2"; then
    found_restore "$1" "$2" "$3"
    return
  fi
  # With a record of the link alone, nothing was written yet.
  if found_known "$1" "$2"; then
    IFS= read -r g_line <"$R/var/lib/groma/found/$1/$2" && g_real=${g_line#* } || return 1
    if [ ! -L "$3" ]; then
      rm -f "$3" && ln -s "$(found_text "$1-link" "$2")" "$3" || return 1
    fi
    found_restore "$1" "$2" "$g_real" || return 1
  fi
  found_forget "$1-link" "$2"
}

# --- files ---

# Names as g_real what is written where a file is put at PATH: what a link leads to. In a folder that stands for a host, the link
# itself is replaced.
real_path() {
  g_real=$1
  [ -L "$1" ] && [ -z "$R" ] || return 0
  g_real=$(readlink -f "$1") || die "the link $1 leads nowhere"
}

# Removes what was left of writing PATH by those that ended meanwhile (PATH.groma-new-PID...), perhaps with a secret in it.
drop_unfinished() {
  for g_old in "$1".groma-new-[0-9]*; do
    g_pid=${g_old#"$1".groma-new-}
    g_pid=${g_pid%%[!0-9]*}
    # Of those that ran scripts before in this shell, all are done.
    if [ "$g_pid" = "$$" ] || { [ -n "$g_pid" ] && ! kill -0 "$g_pid" 2>/dev/null && [ ! -e "/proc/$g_pid" ]; }; then
      rm -f "$g_old"
    fi
  done
}

# Gives what was put to each PATH the label that SELinux has for it there; on hosts without it, nothing is started. The first PATH
# may be -R, for all below the others.
relabel() {
  [ -e /sys/fs/selinux/enforce ] && [ -z "$R" ] && command -v restorecon >/dev/null 2>&1 || return 0
  g_said=$(restorecon "$@" 2>&1) && return 0
  # Some file systems have no labels.
  case $g_said in *'not supported'*) ;; *) die "SELinux's label cannot be set: $g_said" ;; esac
}

# Names as g_shut the folder that keeps from telling whether something is at PATH, where PATH cannot be seen: one that may not
# be searched. False if there is none: then PATH is gone.
hidden() {
  [ ! -e "$1" ] || return 1
  g_shut=$1 g_links=0
  while :; do
    if [ -L "$g_shut" ]; then
      # What a link leads to may be hidden, too.
      g_links=$((g_links + 1))
      [ $g_links -lt 40 ] && g_line=$(readlink "$g_shut") || return 1
      case $g_line in /*) g_shut=$g_line ;; *) g_shut=${g_shut%/*}/$g_line ;; esac
      continue
    fi
    case $g_shut in /*/*) g_shut=${g_shut%/*} ;; *) return 1 ;; esac
    if [ -d "$g_shut" ]; then [ ! -x "$g_shut" ]; return; fi
    [ ! -e "$g_shut" ] || return 1
  done
}

# Prints the content that came with the script, or else standard input.
take() {
  [ -n "${g_content+x}" ] || { cat; return; }
  # cat says why something cannot be written.
  printf '%s' "$g_content" 2>/dev/null || printf '%s' "$g_content" | cat
}
unset g_content g_first

# Puts what `take` prints into place at PATH, whole or not at all: PATH SHA256 MODE OWNER:GROUP (the last two may be empty,
# then those of the file in place stay). A link at PATH stays a link: what it points to is written.
put_file() {
  real_path "$1"
  g_to=$g_real
  [ -d "$g_to" ] && die "$1 is a directory"
  # To look costs as much as the folder is large.
  [ -n "$g_first" ] || drop_unfinished "$g_to"
  g_tmp=$g_to.groma-new-$$
  (umask 077 && take >"$g_tmp") || { rm -f "$g_tmp"; exit 1; }
  # A lost connection ends standard input early: what is incomplete must not get into place.
  g_sum=$(sha256sum <"$g_tmp") || { rm -f "$g_tmp"; exit 1; }
  [ "${g_sum%% *}" = "$2" ] || { rm -f "$g_tmp"; die "the content arrived incomplete"; }
  settle "$g_tmp" "$g_to" "$3" "$4" || { rm -f "$g_tmp"; exit 1; }
}

# Renames FILE to PATH beside it with MODE OWNER:GROUP; where one of these is empty, that of the file in place stays.
settle() {
  g_tmp=$1 g_to=$2 g_mode=$3 g_owner=$4
  if [ -e "$g_to" ]; then
    [ -n "$g_mode" ] || g_mode=$(stat -c %a "$g_to")
    case $g_owner in
    ?*:?*) ;;
    *) g_is=$(stat -c %u:%g "$g_to") g_u=${g_owner%%:*} g_g=${g_owner#*:}
      g_owner=${g_u:-${g_is%%:*}}:${g_g:-${g_is#*:}} ;;
    esac
  fi
  own "$g_owner" "$g_tmp" && chmod "${g_mode:-0644}" "$g_tmp" && mv -f "$g_tmp" "$g_to" && relabel "$g_to"
}

# Dies where PATH of a folder that stands for a host leads out of the folder by a link.
within() {
  [ -n "$R" ] || return 0
  case $1 in '' | /*) ;; *) die "$1 is no absolute path" ;; esac
  g_in=$1
  while [ ! -e "$R$g_in" ] && [ ! -L "$R$g_in" ]; do g_in=${g_in%/*}; done
  g_is=$(readlink -f "$R$g_in")/
  case $g_is in "$(readlink -f "$R")"/*) ;; *) die "$g_in leads out of the folder $R" ;; esac
}

# Gives PATH to OWNER:GROUP (either may be empty): OWNER:GROUP PATH [OPTION of chown]. A folder that stands for a host, used
# without root's rights, keeps its user.
own() {
  [ "$1" = : ] || [ -z "$1" ] && return 0
  [ -n "$R" ] && [ "$(id -u)" != 0 ] && return 0
  g_chown=$1
  if [ -n "$R" ]; then
    g_chown=$(root_id passwd "${1%%:*}"):$(root_id group "${1#*:}") || return 1
  fi
  case $g_chown in *:) g_chown=${g_chown%:} ;; esac
  chown ${3:+"$3"} "$g_chown" "$2"
}

# The number of a user or group NAME of the host under $R: FILE (passwd, group) NAME.
root_id() {
  case $2 in
  '' | [0-9]*) printf '%s' "$2" ;;
  root) printf 0 ;;
  *) sed -n "s/^$2:[^:]*:\([0-9]*\):.*/\1/p" "$R/etc/$1" 2>/dev/null | grep . || die "there is no $2 in /etc/$1" ;;
  esac
}

# --- files that others have lines in, too ---

# Lets the rest of the script run alone among those of groma that call this: for changes of files that many resources share.
# The lock is one of the root folder itself, so that nothing is left behind; it ends with the script, or by `not_alone`, which comes
# before what may take long. Programs that stay must be started with 9>&-.
alone() {
  g_tries=0 g_lock=
  if command -v flock >/dev/null 2>&1; then
    exec 9<"$R/"
    until flock -n 9; do
      alone_pause "another program holds the lock of $R/ (lslocks names it)"
    done
  else
    g_lock=$R/.groma-lock
    until mkdir "$g_lock" 2>/dev/null; do
      g_holder=$(cat "$g_lock/pid" 2>/dev/null)
      if [ -n "$g_holder" ] && ! kill -0 "$g_holder" 2>/dev/null; then
        rm -rf "$g_lock"
      else
        alone_pause "there is the lock $g_lock: if no groma is at work here, remove it"
      fi
    done
    trap 'rm -rf "$g_lock"' EXIT
    echo $$ >"$g_lock/pid"
  fi
}

# Lets others go on, after `alone`; it may be called again.
not_alone() {
  if [ -n "$g_lock" ]; then
    rm -rf "$g_lock"
    trap - EXIT
  else
    exec 9>&-
  fi
}

alone_pause() {
  g_tries=$((g_tries + 1))
  [ $g_tries -lt 600 ] || die "$1"
  sleep 0.1 2>/dev/null || sleep 1
}

# Puts what an awk program makes of the lines of PATH (of none, if it is not there) into place, whole or not at all; mode and
# owner stay, and nothing is written if nothing changes. The program calls keep(LINE) for each line that stays and
# add(LINE), in END, for new ones; lines[1..count] are those kept so far. Its parameters are exported variables. The bytes of
# kept lines stay as they are, also where the last one has no end. For changes of several scripts call `alone` first.
edit_lines() {
  g_to=$1
  within "${g_to#"$R"}"
  if [ -L "$g_to" ]; then
    g_to=$(readlink -f "$g_to") || die "the link ${1#"$R"} leads nowhere"
  fi
  drop_unfinished "$g_to"
  g_tmp=$g_to.groma-new-$$ g_from=$g_to
  if [ -e "$g_to" ]; then
    cp -a "$g_to" "$g_tmp" || { rm -f "$g_tmp"; return 1; }
    g_open=$(tail -c 1 "$g_to")
  else
    g_from=/dev/null g_open=
    [ -z "$R" ] || mkdir -p "${g_to%/*}" || return 1
  fi
  g_open=$g_open awk "$g_lines$2$g_lines_end" <"$g_from" >"$g_tmp" || { rm -f "$g_tmp"; return 1; }
  if [ -e "$g_to" ] && cmp -s "$g_to" "$g_tmp"; then
    rm -f "$g_tmp"
  else
    # A file that is mounted by itself, as in containers, cannot be replaced.
    mv -f "$g_tmp" "$g_to" 2>/dev/null || { cat "$g_tmp" >"$g_to" && rm -f "$g_tmp"; } || { rm -f "$g_tmp"; return 1; }
    relabel "$g_to"
  fi
}

g_lines='
function keep(line) { lines[++count] = line }
function add(line) {
  if (ENVIRON["g_open"] != "" && count && lines[count] == last) { lines[count] = line; line = last }
  keep(line)
}
{ last = $0 }
'
g_lines_end='
END {
  for (i = 1; i <= count; i++) {
    printf "%s", lines[i]
    if (i < count || ENVIRON["g_open"] == "" || lines[i] != last) printf "\n"
  }
}
'
