# Puts the kubeconfig on standard input into place, with the content of the client's files where their marks are.
[ -d "$R${p%/*}/" ] || { [ -n "$R" ] && mkdir -p "$R${p%/*}"; } || die "there is no folder ${p%/*}: make it first (host_directory)"
within "$p"
[ ! -d "$R$p" ] || die "$p is a directory"
real_path "$R$p"
to=$g_real
drop_unfinished "$to"
umask 077
t=$to.groma-new-$$
trap 'rm -f "$t" "$t.marks"' EXIT
cat >"$t.marks" || exit 1
s=$(sha256sum <"$t.marks") || exit 1
[ "${s%% *}" = "$sha" ] || die "the content arrived incomplete"
# Only of the shell's own: what a program gets as an argument is in the list of processes.
while IFS= read -r line; do
  case $line in
  *' @certificate') f=$certificate ;;
  *' @key') f=$client_key ;;
  *) printf '%s\n' "$line" && continue || exit 1 ;;
  esac
  [ -s "$R$f" ] || die "there is no $f, which is to be embedded"
  data=$(base64 <"$R$f" | tr -d '\n') || exit 1
  printf '%s%s\n' "${line%@*}" "$data" || exit 1
done <"$t.marks" >"$t" || exit 1
found_real file "$key" "$R$p" || exit 1
settle "$t" "$to" "$mode" "$owner"
