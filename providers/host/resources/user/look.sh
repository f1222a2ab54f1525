# Arguments: the names that are looked for, those with a plus before them whose hash of a password is to be told.
want=" $* "
export want
[ -e "$R/etc/passwd" ] || exit 0
sed 's/^/p:/' "$R/etc/passwd"
[ ! -e "$R/etc/group" ] || sed 's/^/g:/' "$R/etc/group"
if [ -r "$R/etc/shadow" ]; then
  awk -F: '
    { shown = index(ENVIRON["want"], " +" $1 " ") }
    shown || index(ENVIRON["want"], " " $1 " ") {
      hash = $2
      if (!shown) hash = (hash ~ /^!/ ? "!" : "") "x"
      print "s:" $1 ":" hash ":" $8
    }' <"$R/etc/shadow"
fi
awk -F: 'index(ENVIRON["want"], " +" $1 " ") || index(ENVIRON["want"], " " $1 " ") { print $1 ":" $6 }' <"$R/etc/passwd" |
  while IFS=: read -r name home; do
    if [ -d "$R$home" ]; then printf 'h:%s\n' "$name"; fi
  done
