# Prints of the kubeconfig $p: a line of stat, whether what is embedded is what the client's files hold, and the text
# without what is embedded.
[ -f "$R$p" ] || exit 0
[ -r "$R$p" ] || die "it may not be read"
stat -L -c '%a %u %g %s %U %G -' -- "$R$p" || exit 1
text=$(cat "$R$p") is=same
case $text in
*client-key-data:*)
  if [ -f "$R$certificate" ] && [ -f "$R$client_key" ]; then
    c=$(base64 <"$R$certificate" | tr -d '\n') k=$(base64 <"$R$client_key" | tr -d '\n')
    case $text in *"client-certificate-data: $c"*"client-key-data: $k"*) ;; *) is=other ;; esac
  else
    is=other
  fi
  ;;
esac
echo $is
sed 's/^\( *client-\(certificate\|key\)-data:\).*/\1 (embedded)/' "$R$p"
