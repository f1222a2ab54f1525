# Users and groups of a host. Where useradd and its like are there, they do it; else (busybox, a folder that stands for a host)
# the files are edited here.

tools() {
  [ -z "$R" ] && command -v usermod >/dev/null 2>&1
}

# The line of NAME in /etc/FILE: FILE NAME.
entry() {
  [ -e "$R/etc/$1" ] || return 0
  g_name=$2 awk -F: '$1 == ENVIRON["g_name"] { print; exit }' <"$R/etc/$1"
}

# Field N of LINE: N LINE.
field() {
  printf '%s\n' "$2" | cut -d: -f "$1"
}

# Puts LINE into /etc/FILE, in the place of the line with the same first field: FILE LINE.
put_entry() {
  case $1 in *shadow) [ -e "$R/etc/$1" ] || { mkdir -p "$R/etc" && (umask 077 && : >"$R/etc/$1"); } || return 1 ;; esac
  g_line=$2
  export g_line
  edit_lines "$R/etc/$1" '
    BEGIN { split(ENVIRON["g_line"], want, ":") }
    { split($0, is, ":") }
    is[1] != want[1] { keep($0); next }
    !done++ { keep(ENVIRON["g_line"]) }
    END { if (!done) add(ENVIRON["g_line"]) }'
  g_result=$?
  unset g_line
  return $g_result
}

# Removes the line of NAME from /etc/FILE: FILE NAME.
drop_entry() {
  [ -e "$R/etc/$1" ] || return 0
  g_name=$2
  export g_name
  edit_lines "$R/etc/$1" '{ split($0, is, ":") } is[1] != ENVIRON["g_name"] { keep($0) }'
}

# The line with its field N set to TEXT: N TEXT LINE.
with_field() {
  g_text=$2 awk -F: -v n="$1" 'BEGIN { OFS = ":" } { $n = ENVIRON["g_text"]; print }' <<G_END
$3
G_END
}

# Makes NAME a member of GROUP, or no longer: GROUP add|drop NAME.
member() {
  if tools && command -v gpasswd >/dev/null 2>&1; then
    g_said=$(gpasswd "$([ "$2" = add ] && echo -a || echo -d)" "$3" "$1" 2>&1) || die "$g_said"
    return 0
  fi
  [ -n "$(entry group "$1")" ] || die "there is no group $1"
  g_group=$1 g_how=$2 g_user=$3
  export g_group g_how g_user
  for g_file in group gshadow; do
    [ -e "$R/etc/$g_file" ] || continue
    edit_lines "$R/etc/$g_file" '
      { split($0, is, ":") }
      is[1] != ENVIRON["g_group"] { keep($0); next }
      {
        n = split(is[4], member, ",")
        list = ""
        for (i = 1; i <= n; i++) if (member[i] != ENVIRON["g_user"]) list = list (list == "" ? "" : ",") member[i]
        if (ENVIRON["g_how"] == "add") list = list (list == "" ? "" : ",") ENVIRON["g_user"]
        keep(is[1] ":" is[2] ":" is[3] ":" list)
      }' || exit 1
  done
}

# The groups that NAME is a member of, but for its own, one a line.
groups_of() {
  [ -e "$R/etc/group" ] || return 0
  g_name=$1 awk -F: 'index("," $4 ",", "," ENVIRON["g_name"] ",") { print $1 }' <"$R/etc/group"
}

# True when the lines of LIST have TEXT among them: LIST TEXT.
among() {
  case "
$1
" in *"
$2
"*) return 0 ;; *) return 1 ;; esac
}

# A number that neither a user nor a group has, of those of the system if SYSTEM is true.
free_id() {
  for g_file in passwd group; do
    if [ -e "$R/etc/$g_file" ]; then cut -d: -f 3 "$R/etc/$g_file"; fi
  done | g_system=$1 awk '
    { used[$1] = 1; if ($1 >= 1000 && $1 < 60000 && $1 > most) most = $1 }
    END {
      if (ENVIRON["g_system"] == "true") { for (id = 999; id >= 100 && used[id]; id--); }
      else id = most ? most + 1 : 1000
      print id
    }'
}

# Dies if another than NAME has the number ID in FILE: FILE ID NAME.
unused() {
  [ -e "$R/etc/$1" ] || return 0
  g_other=$(g_id=$2 g_name=$3 awk -F: '$3 == ENVIRON["g_id"] && $1 != ENVIRON["g_name"] { print $1; exit }' <"$R/etc/$1")
  [ -z "$g_other" ] || die "the number $2 is that of $g_other already"
}

# Makes a group: NAME GID SYSTEM, where GID may be empty.
make_group() {
  if tools; then
    g_gid=$2 g_system=$3
    set -- "$1"
    [ -z "$g_gid" ] || set -- -g "$g_gid" "$@"
    [ "$g_system" != true ] || set -- -r "$@"
    groupadd "$@" || exit 1
    return 0
  fi
  g_gid=${2:-$(free_id "$3")}
  unused group "$g_gid" "$1"
  put_entry group "$1:x:$g_gid:" || exit 1
  [ ! -e "$R/etc/gshadow" ] || put_entry gshadow "$1:!::" || exit 1
}

# Makes the lines of LIST all members of the group $name.
set_members() {
  g_members=$(field 4 "$(entry group "$name")" | tr , '\n')
  for g_one in $g_members; do
    among "$1" "$g_one" || member "$name" drop "$g_one"
  done
  for g_one in $1; do
    among "$g_members" "$g_one" || member "$name" add "$g_one"
  done
}
