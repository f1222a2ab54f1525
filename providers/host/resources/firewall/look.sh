# Prints what there is of a table, each part as one line of base64: $name, $unit_text as in firewall.sh.
part() {
  printf '%s=' "$1"
  base64 | tr -d '\n'
  echo
}
[ ! -e "$R$file" ] || part file <"$R$file"
g_kept=false
[ -e "$R$unit" ] && [ "$(cat "$R$unit"; echo x)" = "${unit_text}x" ] && [ -L "$R$wants" ] && g_kept=true
echo "kept=$g_kept"
[ -n "$R" ] && exit 0
command -v nft >/dev/null 2>&1 || exit 0
if g_said=$(nft -s list table inet "$name" 2>&1); then
  printf '%s\n' "$g_said" | part kernel
else
  case $g_said in
  *"No such file"*) ;;
  *) die "$g_said" ;;
  esac
fi
[ ! -e "$listed" ] || part listed <"$listed"
:
