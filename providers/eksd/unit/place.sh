# Puts what was brought into place as programs of $version. $file: the name that it was fetched by; $brought: part or there;
# $key of the delivery gives $part and $to; $source: the digest that it was verified by.
place=$R$folder/$version
make_folder "$folder" || exit 1
# Notes that what runs will be another program.
replaces() {
  [ "$(readlink "$R$folder/current")" != "$version" ] || [ ! -f "$units/$unit" ] || mark restart
}
# Remembers that what is there already was there before.
keeps_found() {
  [ -e "$place/.source" ] || : >"$place/.found" || exit 1
}
case $file in
*.tar.gz | *.tgz)
  # Beside the versions, where a name with a dot is nobody's.
  new=$R$folder/.$version.new old=$R$folder/.$version.old
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
  now=$(sums "$place")
  if [ -n "$now" ] && [ "$now" = "$(cat "$new/.sums")" ]; then
    # The same programs by another digest: whose they are and what runs stays as it is.
    keeps_found
    mv -f "$new/.sums" "$place/.sums" && mv -f "$new/.source" "$place/.source" && rm -rf "$new" "$part" "$to"
  else
    if [ -d "$place" ]; then
      replaces
      rm -rf "$old"
      mv "$place" "$old" || exit 1
    fi
    mv "$new" "$place" && rm -rf "$old" "$part" "$to"
  fi
  ;;
*)
  if [ "$brought" = part ]; then
    replaces
    rm -f "$place/.found"
    settle "$part" "$to" 0755 root:root || exit 1
  else
    keeps_found
    own root:root "$to" && chmod 0755 "$to" || exit 1
  fi
  if [ -n "$sha256" ]; then
    is=$(sha256sum <"$to")
    [ "${is%% *}" = "$sha256" ] || die "$to has not the SHA-256 $sha256, but ${is%% *}: its SHA-512 is right, so one of the two that were given is wrong"
  fi
  sums "$place" >"$place/.sums.new" && mv -f "$place/.sums.new" "$place/.sums" && printf '%s\n' "$source" >"$place/.source"
  ;;
esac
