# Puts the files of a repository back as they were found. Arguments: its URLs (apk).
[ -n "$R" ] || lock_packages
if [ "$pm" = apk ]; then
  [ ! -f "$R$p" ] || for url in "$@"; do without_line "$url"; done
else
  found_restore package_repository-entry "$name" "$R$p" || exit 1
fi
# A key that was not ours stays; without any record it was imported, and is.
if found_known package_repository-key "$name" || ! found_known package_repository "$name"; then
  found_restore package_repository-key "$name" "$R$k" || exit 1
fi
found_forget package_repository "$name"
# Lists that were fetched from it go with it; that others cannot be fetched just now is not its trouble.
[ -n "$R" ] || refresh_index || :
