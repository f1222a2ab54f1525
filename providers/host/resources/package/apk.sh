apk_version() {
  sed -n "/^P:$escaped\$/,/^\$/s/^V://p" "$R/lib/apk/db/installed" | head -n 1
}

# What is in /etc/apk/world with a version stays at it.
apk_is_held() {
  grep -q -e "^$escaped[=~<]" "$R/etc/apk/world"
}

apk_do() {
  to_its_end apk --quiet --no-progress --wait "$wait_for" "$@"
}

apk_install() {
  spec=$name${version:+=$version}
  apk_is_held && was_held=1 || was_held=
  out=$(apk_do add "$spec") || { refresh_index; out=$(apk_do add "$spec"); } || {
    case $out in
    *'no such package'* | *'required by: world'* | *breaks:*)
      die "no repository of the host has the package $spec: check name and version, or add its repository first (host_package_repository): $(reason "$out")" ;;
    *) die "$(reason "$out")" ;;
    esac
  }
  [ -n "$(apk_version)" ] || die "there is no package of that name itself, only some that provide it: name one of them"
  # A version that was asked for is a constraint, which holds it.
  if [ -n "$version" ] && [ "$hold" != true ] && [ -z "$was_held" ]; then apk_hold false; fi
}

apk_hold() {
  if [ "$1" = true ]; then spec=$name=$(apk_version); else spec=$name; fi
  grep -q -x -F -e "$spec" "$R/etc/apk/world" && return 0
  out=$(apk_do add "$spec") || die "$(reason "$out")"
}

# Whether it is there only because others need it.
apk_auto() {
  grep -q -e "^$escaped\$" -e "^$escaped[=~<>@]" "$R/etc/apk/world" || printf 1
}
apk_mark_auto() { apk_do del "$name" >/dev/null; }
apk_mark_manual() { [ -z "$(apk_auto)" ] || apk_do add "$name" >/dev/null; }

# What others need stays by itself.
apk_remove() {
  [ -n "$(apk_version)" ] || return 0
  if [ "$purge" = false ]; then out=$(apk_do del "$name"); else out=$(apk_do del --purge "$name"); fi || die "$(reason "$out")"
}
