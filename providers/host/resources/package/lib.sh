# What the scripts of host_package and host_package_repository share.

# Sets $pm: which package manager there is; `list` under a folder that stands for a host, where packages are only listed.
manager() {
  pm=list
  [ -z "$R" ] || return 0
  for pm in apt-get dnf zypper apk; do command -v "$pm" >/dev/null && break; pm=; done
  [ -n "$pm" ] || die "there is no package manager that groma knows (apt, dnf, zypper, apk)"
  pm=${pm%-get}
}

# Waits until no other script of groma works with packages, nor a manager that one started and did not outlive; for the managers'
# own locks their commands wait. What is started must not hold the lock on: redirect 9>&-.
wait_for=600
lock_packages() {
  mkdir -p "$R/run/groma" || exit 1
  exec 9>"$R/run/groma/packages.lock"
  if command -v flock >/dev/null; then
    flock -w "$wait_for" 9 || die "other work of groma with packages did not end within $wait_for s"
    return 0
  fi
  waited=0
  until mkdir "$R/run/groma/packages.lock.d" 2>/dev/null; do
    holders=$(cat "$R/run/groma/packages.lock.d/pid" 2>/dev/null) alive=
    for holder in $holders; do
      if kill -0 "$holder" 2>/dev/null; then alive=1; fi
    done
    if [ -n "$holders" ] && [ -z "$alive" ]; then
      rm -rf "$R/run/groma/packages.lock.d"
      continue
    fi
    waited=$((waited + 1))
    [ "$waited" -lt "$wait_for" ] || die "other work of groma with packages did not end within $wait_for s"
    sleep 1
  done
  echo "$$" >"$R/run/groma/packages.lock.d/pid"
  trap 'rm -rf "$R/run/groma/packages.lock.d"' EXIT
}

# Runs a package manager, and prints what it says. It is not ended where its script is, as when the connection is lost: half a
# transaction would be left, whose scripts rpm never runs again. It has a session of its own, and its output a file; who has
# started it holds our lock for it until its end.
to_its_end() {
  command -v setsid >/dev/null 2>&1 || { "$@" 2>&1 9>&-; return; }
  said_at=$R/run/groma/packages.said
  setsid sh -c '
    lock=$1
    shift
    [ ! -d "$lock" ] || echo "$$" >>"$lock/pid"
    "$@" 9>&-
    exit $?' groma-packages "$R/run/groma/packages.lock.d" "$@" >"$said_at" 2>&1 </dev/null
  set -- "$?"
  cat "$said_at"
  rm -f "$said_at"
  return "$1"
}

export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1
export ZYPP_LOCK_TIMEOUT="$wait_for"
stamp=$R/run/groma/packages-updated

# True when the list of packages was fetched within the last MINUTES.
is_fresh() {
  [ -n "$(find "$stamp" "$R/var/lib/apt/periodic/update-success-stamp" "$R/var/lib/apt/lists/partial" -mmin "-$1" 2>/dev/null)" ]
}

# Fetches the list of packages; $said is what was said if that failed. Locks that have no time-out of their own are waited for.
refresh_index() {
  tries=0
  while :; do
    case $pm in
    apt) said=$(apt-get -qq -o DPkg::Lock::Timeout="$wait_for" update 2>&1 9>&-) ;;
    dnf) said=$(dnf -q -y makecache --refresh 2>&1 9>&-) ;;
    zypper) said=$(zypper --non-interactive --quiet refresh 2>&1 9>&-) ;;
    apk) said=$(apk --quiet --wait "$wait_for" update 2>&1 9>&-) ;;
    esac
    status=$?
    if [ "$status" = 0 ]; then
      : >"$stamp"
      return 0
    fi
    case $said in
    *'Could not get lock'* | *'Unable to lock'*) ;;
    *) return "$status" ;;
    esac
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || return "$status"
    sleep 1
  done
}

# The end of what a program said, without what is no reason.
reason() {
  short=$(printf '%s\n' "$1" | grep -e '^E: ' -e '^W: GPG error' -e '^Error' -e '^ERROR' -e '^error' -e '^dpkg: ' -e '^Problem' -e 'No match' | tail -n 6)
  [ -n "$short" ] || short=$(printf '%s\n' "$1" | tail -n 6)
  printf '%s' "$short"
}
