# Fetches the list of packages of the repository $name, whose entry is in $p; $said is what was said if that failed.
fetch() {
  case $pm in
  apt)
    said=$(apt-get -q -o DPkg::Lock::Timeout="$wait_for" -o Dir::Etc::sourcelist="$p" -o Dir::Etc::sourceparts=/dev/null \
      -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any update 2>&1 9>&-) ;;
  dnf) said=$(dnf -q -y --disablerepo='*' --enablerepo="$name" --setopt="$name.skip_if_unavailable=false" makecache --refresh 2>&1 9>&-) ;;
  zypper) said=$(zypper --non-interactive --gpg-auto-import-keys refresh "$name" 2>&1 9>&-) ;;
  apk) said=$(apk --quiet --wait "$wait_for" update 2>&1 9>&-) ;;
  esac
}

# The lists of apt have a lock without a time-out.
fetch_in_turn() {
  tries=0
  until fetch; do
    case $said in *'Could not get lock'*) ;; *) return 1 ;; esac
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || return 1
    sleep 1
  done
}

# Gives back the line of a URL in a file of lines of others: what was there before stays.
without_line() {
  found_text package_repository "$name" | grep -q -x -F -e "$1" && return 0
  grep -v -x -F -e "$1" "$R$p" >"$R$p.groma-new"
  cat "$R$p.groma-new" >"$R$p" && rm -f "$R$p.groma-new" || exit 1
}
