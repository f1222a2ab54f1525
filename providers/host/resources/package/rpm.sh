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
  to_its_end dnf -q -y "$@"
}

# Names as $names what a transaction would install or remove, which is only looked at: Installing|Removing ARGUMENT...
dnf_look() {
  kind=$1
  shift
  out=$(dnf --assumeno "$@" 2>&1 9>&-)
  # A line each, with one blank before the name; more blanks begin what did not fit.
  names=$(printf '%s\n' "$out" | awk -v kind="$kind" '/^[A-Z].*:$/ { on = index($0, kind) == 1 } /^$/ { on = 0 } on && /^ [^ ]/ { print $1 }')
}
dnf_look_remove() { dnf_look Removing --setopt=clean_requirements_on_remove="$1" remove "$name"; }
dnf_take() { out=$(dnf_do --setopt=clean_requirements_on_remove=False remove "$@"); }

dnf_is_held() {
  grep -q -e "^$escaped-[0-9*]" "$R/etc/dnf/plugins/versionlock.list" 2>/dev/null ||
    grep -q -e "^name *= *\"$escaped\"" "$R/etc/dnf/versionlock.toml" 2>/dev/null
}

dnf_install() {
  spec=$name${version:+-$version}
  dnf_is_held && was_held=1 || was_held=
  if [ -n "$was_held" ]; then dnf_hold false || exit 1; fi
  # What comes with it is remembered before it comes, so that it goes with it.
  dnf_look Installing install "$spec"
  found_with "$names"
  out=$(dnf_do install "$spec") || {
    dnf_look Installing --refresh install "$spec"
    found_with "$names"
    out=$(dnf_do --refresh install "$spec")
  } || failed=1
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

# 102 and 103 say that a reboot or restart is due, 106 that some repository was left out.
zypper_do() {
  out=$(to_its_end zypper --non-interactive --quiet "$@")
  status=$?
  case $status in 0 | 102 | 103 | 106) return 0 ;; esac
  return "$status"
}

# The same as of dnf: to-install|to-remove ARGUMENT...
zypper_look() {
  kind=$1
  shift
  out=$(zypper --non-interactive --xmlout "$@" 2>&1 9>&-)
  names=$(printf '%s\n' "$out" | sed -n "/<$kind/,/<\\/$kind/s/.*<solvable .*name=\"\([^\"]*\)\".*/\1/p")
}
zypper_look_remove() {
  clean=; [ "$1" = False ] || clean=--clean-deps
  zypper_look to-remove remove --dry-run $clean -- "$name"
}
zypper_take() { zypper_do remove -- "$@"; }

zypper_is_held() {
  grep -q -e "^solvable_name: *$escaped\$" "$R/etc/zypp/locks" 2>/dev/null
}

zypper_install() {
  spec=$name${version:+=$version}
  set --
  [ -z "$version" ] || set -- --oldpackage
  zypper_is_held && was_held=1 || was_held=
  if [ -n "$was_held" ]; then zypper_hold false || exit 1; fi
  zypper_look to-install install --dry-run "$@" -- "$spec"
  found_with "$names"
  zypper_do install "$@" -- "$spec" || {
    refresh_index
    zypper_look to-install install --dry-run "$@" -- "$spec"
    found_with "$names"
    zypper_do install "$@" -- "$spec"
  } || failed=1
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

# zypper keeps such marks in a list, and has no command to change it.
zypper_list=$R/var/lib/zypp/AutoInstalled
zypper_auto() {
  if grep -q -x -F -e "$name" "$zypper_list" 2>/dev/null; then printf 1; fi
}
zypper_mark_auto() {
  export name
  [ ! -d "${zypper_list%/*}" ] || [ -n "$(zypper_auto)" ] || edit_lines "$zypper_list" '{ keep($0) } END { add(ENVIRON["name"]) }'
}
zypper_mark_manual() {
  export name
  [ -z "$(zypper_auto)" ] || edit_lines "$zypper_list" '$0 != ENVIRON["name"] { keep($0) }'
}

# Removes it with what came with it and nobody needs any longer; what others need stays until they go. What else would go is looked
# at first: dependencies are on what packages provide, not only on names.
rpm_remove() {
  [ -n "$(rpm_version)" ] || return 0
  "${pm}_hold" false
  with=" $(found_came)"
  others=
  rpm_look_remove False
  for other in $names; do
    [ "$other" = "$name" ] || case $with in *" $other "*) ;; *) others="$others $other" ;; esac
  done
  if [ -n "$others" ]; then
    "${pm}_mark_auto" || exit 1
    stays_for $others
    return 0
  fi
  # Only what came with it: the managers by themselves would take all that nobody needs.
  rpm_look_remove True
  gone=$name
  for other in $names; do
    case $with in *" $other "*) gone="$gone $other" ;; esac
  done
  # shellcheck disable=SC2086
  "${pm}_take" $gone || die "$(reason "$out")"
}
dnf_remove() { rpm_remove; }
zypper_remove() { rpm_remove; }

# Names as $names what its removal would take, with what nobody needs then: True|False.
rpm_look_remove() {
  "${pm}_look_remove" "$1"
  case "
$names
" in
  *"
$name
"*) ;;
  *) die "$(reason "$out")" ;;
  esac
}
