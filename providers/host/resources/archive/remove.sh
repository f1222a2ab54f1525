# Removes what was unpacked, puts back what was there before, and removes the folders that were made for it and are empty.
record=$(found_at archive "$id")
if [ -r "$record" ] && [ -d "$R$folder" ]; then
  cd "$R$folder" || exit 1
  recorded "$record" | sort -u | tr '\n' '\0' | xargs -0 rm -f || exit 1
  for kept in "$R/var/lib/groma/found/archive-$id"/*; do
    key=${kept##*/}
    case $key in *.kept | '*') continue ;; esac
    place=$(sed 's/^kept //' "$kept")
    found_restore "archive-$id" "$key" "$R$place" || exit 1
  done
  sed -n 's/^d //p' "$record" | sort -ru | while IFS= read -r name; do
    # What others put into it stays.
    [ "$name" = . ] || rmdir "$name" 2>/dev/null
  done
  cd /
  if grep -qx 'd \.' "$record"; then rmdir "$R$folder" 2>/dev/null; fi
fi
rm -f "$parts"*
found_forget archive "$id"
remove_made "$folder"
