# The version that is installed; nothing if none is.
apt_version() {
  dpkg-query --show --showformat '${db:Status-Abbrev}${Version}\n' -- "$name" 2>/dev/null | sed -n 's/^.i.//p' | head -n 1
}

apt_is_held() {
  dpkg-query --show --showformat '${db:Status-Abbrev}\n' -- "$name" 2>/dev/null | grep -q ^h
}

# Runs apt-get on packages: configuration files that the administrator changed stay.
apt_do() {
  to_its_end apt-get -q -y -o DPkg::Lock::Timeout="$wait_for" -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

apt_simulate() {
  if [ -n "$version" ]; then
    plan=$(apt-get -s -q --allow-downgrades install -- "$spec" 2>&1)
  else
    plan=$(apt-get -s -q install -- "$spec" 2>&1)
  fi
}

apt_install() {
  spec=$name${version:+=$version}
  apt_is_held && was_held=1 || was_held=
  if [ -n "$was_held" ]; then apt-mark unhold -- "$name" >/dev/null || exit 1; fi
  is_fresh 60 || refresh_index
  if ! apt_simulate; then
    is_fresh 1 || refresh_index
    apt_simulate || {
      [ -z "$was_held" ] || apt-mark hold -- "$name" >/dev/null
      case $plan in
      *'Unable to locate package'* | *'has no installation candidate'*)
        die "no repository of the host has the package $name: check its name, or add its repository first (host_package_repository)${said:+. Fetching the lists said: $(reason "$said")}" ;;
      *"Version '"*"was not found"*)
        die "no repository of the host has version $version of $name; there is: $(apt-cache madison -- "$name" | awk '{ print $3 }' | sort -u | tr '\n' ' ')" ;;
      *) die "$(reason "$plan")" ;;
      esac
    }
  fi
  # What comes with it is remembered before it comes, so that it goes with it.
  found_with "$(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')"
  [ -z "$version" ] || set -- --allow-downgrades
  out=$(apt_do "$@" install -- "$spec") || {
    case $out in
    *'dpkg --configure -a'*)
      # An earlier run was cut off.
      to_its_end dpkg --force-confdef --force-confold --configure -a >/dev/null
      out=$(apt_do "$@" install -- "$spec") || die "$(reason "$out")" ;;
    *) die "$(reason "$out")" ;;
    esac
  }
  if [ -n "$was_held" ]; then apt-mark hold -- "$name" >/dev/null || exit 1; fi
  [ -n "$(apt_version)" ] || die "there is no package of that name itself, only some that provide it: name one of them"
}

apt_hold() {
  if [ "$1" = true ]; then apt-mark hold -- "$name"; else apt-mark unhold -- "$name"; fi >/dev/null
}

# Prints whether it was installed because others need it.
apt_auto() {
  [ -z "$(apt-mark showauto -- "$name" 2>/dev/null)" ] || printf 1
}

apt_mark_auto() {
  apt-mark auto -- "$name" >/dev/null
}

apt_mark_manual() {
  [ -z "$(apt_auto)" ] || apt-mark manual -- "$name" >/dev/null
}

# Prints whether only configuration files of it are there.
apt_leftover() {
  dpkg-query --show --showformat '${db:Status-Abbrev}\n' -- "$name" 2>/dev/null | sed -n 's/^.c.*/1/p' | head -n 1
}

# Removes it with what came with it and nobody needs any longer; what others need stays until they go.
apt_remove() {
  [ -n "$(apt_version)$(apt_leftover)" ] || return 0
  verb=remove
  [ "$purge" = false ] || verb=purge
  if apt_is_held; then apt-mark unhold -- "$name" >/dev/null || exit 1; fi
  with=" $(found_came)"
  removed='s/^\(Remv\|Purg\) \([^ ]*\) .*/\2/p'
  plan=$(apt-get -s -q "$verb" -- "$name" 2>&1) || die "$(reason "$plan")"
  others=
  for other in $(printf '%s\n' "$plan" | sed -n "$removed"); do
    [ "$other" = "$name" ] || case $with in *" $other "*) ;; *) others="$others $other" ;; esac
  done
  if [ -n "$others" ]; then
    apt_mark_auto || exit 1
    stays_for $others
    return 0
  fi
  # Only what came with it: apt by itself would take all that nobody needs.
  gone=$name
  for other in $(apt-get -s -q --auto-remove "$verb" -- "$name" 2>/dev/null | sed -n "$removed"); do
    case $with in *" $other "*) gone="$gone $other" ;; esac
  done
  # shellcheck disable=SC2086
  out=$(apt_do "$verb" -- $gone) || die "$(reason "$out")"
}
