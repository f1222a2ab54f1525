# Unpacks the archive beside its place, looks at what came of it, and puts it there.
archive=$part
[ -f "$archive" ] || archive=$to
[ -e "$R$folder" ] && [ ! -d "$R$folder" ] && die "$folder is no folder: remove it, or give another path"
if [ -d "$R$folder" ]; then stage=$R$folder/.groma-archive-$id; else stage=$R${folder%/*}/.groma-archive-$id; fi
record=$(found_at archive "$id")

need() {
  command -v "$1" >/dev/null 2>&1 || die "it has no program $1, which $format needs: install it first (host_package)"
}

# The archive as tar reads it.
opened() {
  case $format in
  tar) cat ;;
  tar.gz) gzip -dc ;;
  tar.xz) xz -dc ;;
  tar.bz2) bzip2 -dc ;;
  tar.zst) zstd -dcq ;;
  esac <"$archive"
}

# The names of the members, a line each.
names() {
  if [ "$format" = zip ]; then unzip -Z1 "$archive"; else opened | tar $literal -tf -; fi
}

check_names() {
  bad=$(awk '{
    n = split($0, part, /[\/\\]/)
    out = $0 ~ /^[\/\\]/
    for (i = 1; i <= n; i++) if (part[i] == "..") out = 1
    if (out) { print; exit }
  }' <names)
  [ -z "$bad" ] || die "its member $bad leads out of the folder: nothing was unpacked"
  [ "$format" != zip ] || return 0
  bad=$(opened | tar ${literal:+-P} -tvf - | awk '
    /^[bcp]/ { print "is a device or a pipe: " $0; exit }
    /^h/ && / link to (\/|(.*\/)?\.\.(\/|$))/ { print "is a link out of the folder: " $0; exit }')
  [ -z "$bad" ] || die "a member $bad; nothing was unpacked"
}

# Writes the names of the members that the patterns say into the file `pick`.
pick() {
  export patterns members
  missing=$(awk '
    BEGIN { n = split(ENVIRON["patterns"], list, "\n"); split(ENVIRON["members"], said, "\n") }
    !/\/$/ { taken = 0; for (i = 1; i <= n; i++) if ($0 ~ list[i]) { hit[i] = taken = 1 } if (taken) print >"pick" }
    END { for (i = 1; i <= n; i++) if (!hit[i]) { print said[i]; exit } }' <names) || exit 1
  [ -z "$missing" ] || die "it has no member $missing: it has $(grep -v '/$' names | head -n 10 | tr '\n' ' ')..."
}

unpack_tar() {
  set -- --no-same-owner --no-same-permissions
  [ "$strip" = 0 ] || set -- "$@" "--strip-components=$strip"
  [ -z "$patterns" ] || set -- "$@" ${literal:+--verbatim-files-from --no-wildcards} -T "$stage/pick"
  opened | tar -xf - -C new "$@"
}

unpack_zip() {
  mkdir all || return 1
  if [ -n "$patterns" ]; then
    sed 's/[][*?\\]/\\&/g' pick | tr '\n' '\0' | xargs -0 unzip -qq -o -d all "$archive"
  else
    unzip -qq -o "$archive" -d all
  fi
  [ $? -le 1 ] || return 1
  if [ "$strip" = 0 ]; then rmdir new && mv all new; return; fi
  (cd all && find . ! -type d) | while IFS= read -r name; do
    rest=${name#./} i=0
    while [ $i -lt "$strip" ]; do
      case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
      i=$((i + 1))
    done
    [ -n "$rest" ] || continue
    case $rest in */*) mkdir -p "new/${rest%/*}" ;; esac && mv "all/$name" "new/$rest" || exit 1
  done
}

# Refuses what must not get into place: what is in the folder `new`.
check_new() {
  [ -n "$(find . ! -type d | head -n 1)" ] || die "nothing is left of it to unpack: look at members and strip_components"
  bad=$(find . -name '*[[:cntrl:]\\]*' | head -n 1)
  [ -z "$bad" ] || die "the name of a member has control characters or backslashes in it"
  bad=$(find . ! -type f ! -type d ! -type l | head -n 1)
  [ -z "$bad" ] || die "its member $bad is neither file, folder nor link"
  here=$(pwd -P)
  find . -type l | while IFS= read -r name; do
    target=$(readlink "$name")
    is=$(readlink -f "$name")
    case $target in /*) is=/ ;; esac
    [ -n "$is" ] || { contained "$name" "$target" && is=$here; }
    case $is in "$here" | "$here"/*) ;; *) die "its link $name leads out of the folder, to $target: nothing was unpacked" ;; esac
  done || exit 1
}

# True when a link NAME to a TARGET that is not there stays within, by its words.
contained() {
  depth=$(($(printf '%s' "$1" | tr -cd / | wc -c) - 1))
  printf '%s\n' "$2" | tr / '\n' | while read -r part; do
    case $part in '' | .) ;; ..) depth=$((depth - 1)) ;; *) depth=$((depth + 1)) ;; esac
    [ $depth -ge 0 ] || exit 1
  done
}

# Keeps what others have at the place of a new FILE.
keep_theirs() {
  at=$R$folder/$1
  [ ! -d "$at" ] || [ -L "$at" ] || die "$folder/${1#./} is a folder, and a file in the archive"
  [ -e "$at" ] || [ -L "$at" ] || return 0
  case $newline$before$newline in *"$newline$1$newline"*) return 0 ;; esac
  found_path "archive-$id" "$(printf %s "$1" | sha256sum | head -c 32)" "$at"
}

# Puts a new FILE into its place.
place() {
  at=$R$folder/$1
  # What leads to a folder would have it moved into that.
  if [ -L "$at" ] && [ -d "$at" ]; then rm -f "$at"; fi
  mv -f "$1" "$at" && relabel "$at"
}

# Takes away what was unpacked before and is not any longer.
drop_old() {
  printf '%s\n' "$before" | while IFS= read -r name; do
    [ -n "$name" ] || continue
    case $newline$after$newline in *"$newline$name$newline"*) continue ;; esac
    key=$(printf %s "$name" | sha256sum | head -c 32)
    if found_known "archive-$id" "$key"; then found_restore "archive-$id" "$key" "$R$folder/$name"; else rm -f "$R$folder/$name"; fi || exit 1
  done
}

work() {
  cd "$stage" && mkdir new || exit 1
  names >names || die "it cannot be read as $format: is that what it is?"
  check_names
  [ -z "$patterns" ] || pick
  case $format in zip) unpack_zip ;; *) unpack_tar ;; esac || die "it cannot be unpacked"
  cd new || exit 1
  check_new
  chmod -R ug-s,-t,go-w,u+rwX . || exit 1
  [ -z "$mode" ] || find . -type f -exec chmod "$mode" {} + || exit 1
  own "$owner" . -hR || exit 1
  after=$(find . ! -type d | sort)
  printf 'x %s %s\n' "$algorithm" "$digest" >../record
  printf '%s\n' "$after" | describe >>../record
  before=
  if [ -e "$record" ]; then
    before=$(recorded "$record")
    # Folders that were made once go with the resource.
    grep '^d ' "$record" >../folders
  fi
  [ -d "$R$folder" ] || echo 'd .' >>../folders
  find . -type d ! -name . | sort | while IFS= read -r name; do
    [ ! -L "$R$folder/$name" ] || die "$folder/${name#./} is a link, and a folder in the archive"
    [ -d "$R$folder/$name" ] || printf 'd %s\n' "$name"
  done >>../folders || exit 1
  sort -u ../folders >>../record
  printf '%s\n' "$after" | while IFS= read -r name; do keep_theirs "$name" || exit 1; done || exit 1
  # Until it is done, all of the old and the new is ours.
  if [ -e "$record" ]; then cat "$record" ../record >../both; else cp ../record ../both; fi
  found_folder archive && mv -f ../both "$record" || exit 1
  if [ ! -d "$R$folder" ]; then
    chmod 0755 . && mv "$stage/new" "$R$folder" || exit 1
    relabel -R "$R$folder"
  else
    find . -type d ! -name . | sort | while IFS= read -r name; do
      [ -d "$R$folder/$name" ] || { mkdir -m 0755 "$R$folder/$name" && own "$owner" "$R$folder/$name" && relabel "$R$folder/$name"; } || exit 1
    done || exit 1
    printf '%s\n' "$after" | while IFS= read -r name; do place "$name" || exit 1; done || exit 1
    drop_old || exit 1
  fi
  mv -f "$stage/record" "$record" && rm -f "$parts"*
}

need tar
case $format in
zip) need unzip; case $(unzip -v 2>/dev/null) in *Info-ZIP*) ;; *) die "its unzip is not that of Info-ZIP: install the package unzip (host_package)" ;; esac ;;
tar.gz) need gzip ;;
tar.xz) need xz ;;
tar.bz2) need bzip2 ;;
tar.zst) need zstd ;;
esac
literal=
case $(tar --version 2>/dev/null) in *GNU*) literal=--quoting-style=literal ;; esac
newline='
'
rm -rf "$stage"
(umask 077 && mkdir "$stage") || exit 1
(work)
r=$?
rm -rf "$stage"
exit $r
