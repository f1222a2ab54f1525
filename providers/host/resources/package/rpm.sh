# dnf and zypper. Versions are VERSION, VERSION-RELEASE or EPOCH:VERSION-RELEASE.
rpm_version() {
  rpm --query --queryformat '%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' -- "$name" 2>/dev/null | grep -v 'not installed' | tail -n 1
}
dnf_version() { rpm_version; }
zypper_version() { rpm_version; }

# True when the installed version is what is asked for.
rpm_is_right() {
  installed=$(rpm_version)
  [ -n "$installed" ] || return 1
  case $version in
  '' | "$installed" | "${installed#*:}" | "${installed%-*}") return 0 ;;
  esac
  short=${installed#*:}
  [ "$version" = "${short%-*}" ]
}

dnf_do() {
  dnf -q -y "$@" 2>&1 9>&-
}

dnf_is_held() {
  grep -q -e "^$escaped-[0-9*]" "$R/etc/dnf/plugins/versionlock.list" 2>/dev/null ||
    grep -q -e "^name *= *\"$escaped\"" "$R/etc/dnf/versionlock.toml" 2>/dev/null
}

dnf_install() {
  spec=$name${version:+-$version}
  dnf_is_held && was_held=1 || was_held=
  if [ -n "$was_held" ]; then dnf_hold false || exit 1; fi
  out=$(dnf_do install "$spec") || out=$(dnf_do --refresh install "$spec") || failed=1
  # A lower version than the installed one is a command of its own.
  if [ -z "$failed" ] && ! rpm_is_right; then out=$(dnf_do downgrade "$spec") || failed=1; fi
  if [ -n "$was_held" ]; then dnf_hold true || exit 1; fi
  if [ -n "$failed" ]; then
    case $out in
    *'No match for argument'* | *'Unable to find a match'*)
      die "no repository of the host has the package $spec: check name and version, or add its repository first (host_package_repository)" ;;
    *) die "$(reason "$out")" ;;
    esac
  fi
  rpm_is_right || die "there is no package of that name itself, or its version did not become ${version:-any}: $(reason "$out")"
}

dnf_hold() {
  verb=add
  [ "$1" = true ] || verb=delete
  [ "$verb" = add ] && dnf_is_held && return 0
  [ "$verb" = delete ] && ! dnf_is_held && return 0
  out=$(dnf_do versionlock "$verb" "$name") && return 0
  case $out in
  *'No such command'* | *'nknown argument'*)
    die "holding a package needs dnf's versionlock: install python3-dnf-plugin-versionlock first (host_package)" ;;
  *) die "$(reason "$out")" ;;
  esac
}

dnf_auto() {
  case $(dnf -q repoquery --installed --qf '%{reason}
' "$name" 2>/dev/null) in *ependency*) printf 1 ;; esac
}
dnf_mark_auto() { dnf -q -y mark remove "$name" >/dev/null 2>&1 || dnf -q -y mark dependency "$name" >/dev/null 2>&1 || :; }
dnf_mark_manual() { dnf -q -y mark install "$name" >/dev/null 2>&1 || dnf -q -y mark user "$name" >/dev/null 2>&1 || :; }

# Others that are installed and need it.
rpm_others() {
  rpm --query --queryformat '%{NAME}\n' --whatrequires "$name" 2>/dev/null | grep -v -e '^no package' -e "^$escaped\$" | sort -u
}

dnf_remove() {
  [ -n "$(rpm_version)" ] || return 0
  dnf_hold false
  if [ -n "$(rpm_others)" ]; then
    dnf_mark_auto
    return 0
  fi
  out=$(dnf_do remove "$name") || die "$(reason "$out")"
}

# 102 and 103 say that a reboot or restart is due, 106 that some repository was left out.
zypper_do() {
  out=$(zypper --non-interactive --quiet "$@" 2>&1 9>&-)
  status=$?
  case $status in 0 | 102 | 103 | 106) return 0 ;; esac
  return "$status"
}

zypper_is_held() {
  grep -q -e "^solvable_name: *$escaped\$" "$R/etc/zypp/locks" 2>/dev/null
}

zypper_install() {
  spec=$name${version:+=$version}
  set --
  [ -z "$version" ] || set -- --oldpackage
  zypper_is_held && was_held=1 || was_held=
  if [ -n "$was_held" ]; then zypper_hold false || exit 1; fi
  zypper_do install "$@" -- "$spec" || { refresh_index; zypper_do install "$@" -- "$spec"; } || failed=1
  if [ -n "$was_held" ]; then kept=$out; zypper_hold true || exit 1; out=$kept; fi
  if [ -n "$failed" ]; then
    case $out in
    *'not found'* | *'No provider of'*)
      die "no repository of the host has the package $spec: check name and version, or add its repository first (host_package_repository)" ;;
    *) die "$(reason "$out")" ;;
    esac
  fi
  rpm_is_right || die "there is no package of that name itself, or its version did not become ${version:-any}: $(reason "$out")"
}

zypper_hold() {
  if [ "$1" = true ]; then
    zypper_is_held || zypper_do addlock -- "$name" || die "$(reason "$out")"
  elif zypper_is_held; then
    zypper_do removelock -- "$name" || die "$(reason "$out")"
    # zypper leaves an empty list where there was none.
    [ -s "$R/etc/zypp/locks" ] || rm -f "$R/etc/zypp/locks"
  fi
}

# zypper keeps no such mark by command.
zypper_auto() { :; }
zypper_mark_auto() { :; }
zypper_mark_manual() { :; }

zypper_remove() {
  [ -n "$(rpm_version)" ] || return 0
  zypper_hold false
  [ -z "$(rpm_others)" ] || return 0
  zypper_do remove --clean-deps -- "$name" || die "$(reason "$out")"
}
