# Prints what was unpacked and what is there. Arguments: ID FOLDER of each; a line `= INDEX` begins one, then come the lines of the
# record, then, after `now`, those of what is there.
index=0
[ ! -d "$R/var/lib/groma" ] || [ -x "$R/var/lib/groma" ] || die "/var/lib/groma, where it is recorded: permission denied"
while [ $# -gt 0 ]; do
  f=$(found_at archive "$1")
  if [ -r "$f" ] && [ -d "$R$2" ]; then
    printf '= %s\n' "$index"
    cat "$f"
    echo now
    (cd "$R$2" && recorded "$f" | describe)
  elif hidden "$R$2"; then
    die "the folder $g_shut may not be searched: permission denied"
  fi
  index=$((index + 1))
  shift 2
done
:
