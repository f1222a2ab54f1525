# Prints what there is of a route.
route_place
g_kept=false
if [ -n "$place" ] && [ "$(cat "$R$place" 2>/dev/null; echo x)" = "${place_text}x" ]; then
  [ "$place" != "$unit" ] || [ -L "$R$wants" ] && g_kept=true
fi
echo "kept=$g_kept"
if [ -z "$R" ]; then
  echo "line=$(route_line)"
  exit 0
fi
# Nothing runs: what the host will have is what its files say.
for g_file in $(route_files); do
  case $g_file in
  *.service) echo "line=$(sed -n "s/^ExecStart=.*route replace \(.*\)'\$/\1/p" "$R$g_file")" ;;
  *)
    g_main=${g_file%.d/*}
    echo "line=$dest$(sed -n 's/^Gateway=/ via /p' "$R$g_file")$(sed -n 's/^Name=/ dev /p' "$R$g_main" 2>/dev/null)"
    ;;
  esac
  break
done
:
