# Puts what was brought into place as programs of $version. $file: the name that it was fetched by; $brought: part or there;
# $key of the delivery gives $part and $to; $source: the digest that it was verified by.
place=$R$folder/$version
make_folder "$folder" || exit 1
case $file in
*.tar.gz | *.tgz)
  new=$place.new
  rm -rf "$new"
  mkdir -p -m 0755 "$new" || exit 1
  [ "$brought" = there ] && part=$to
  tar -xzf "$part" -C "$new" --no-same-owner || die "the archive $file cannot be unpacked"
  for p in $programs; do
    [ -f "$new/$p" ] && continue
    found=$(find "$new" -mindepth 2 -maxdepth 3 -type f -name "$p" | head -n 1)
    [ -n "$found" ] && mv "$found" "$new/$p"
  done
  first=${programs%% *}
  [ -f "$new/$first" ] || die "the archive $file has no $first in it"
  for p in "$new"/* "$new"/.[!.]*; do
    case " $programs " in *" ${p##*/} "*) chmod 0755 "$p" && own root:root "$p" || exit 1 ;; *) rm -rf "$p" ;; esac
  done
  sums "$new" >"$new/.sums" && printf '%s\n' "$source" >"$new/.source" || exit 1
  if [ -d "$place" ]; then
    [ "$(readlink "$R$folder/current")" != "$version" ] || [ ! -f "$units/$unit" ] || mark restart
    rm -rf "$place.old"
    mv "$place" "$place.old" || exit 1
  fi
  mv "$new" "$place" && rm -rf "$place.old" "$part" "$to"
  ;;
*)
  if [ "$brought" = part ]; then
    [ "$(readlink "$R$folder/current")" != "$version" ] || [ ! -f "$units/$unit" ] || mark restart
    settle "$part" "$to" 0755 root:root || exit 1
  else
    own root:root "$to" && chmod 0755 "$to" || exit 1
  fi
  if [ -n "$sha256" ]; then
    is=$(sha256sum <"$to")
    [ "${is%% *}" = "$sha256" ] || die "$to has not the SHA-256 $sha256, but ${is%% *}: its SHA-512 is right, so one of the two that were given is wrong"
  fi
  rm -f "$place/.found"
  sums "$place" >"$place/.sums.new" && mv -f "$place/.sums.new" "$place/.sums" && printf '%s\n' "$source" >"$place/.source"
  ;;
esac
