# Prints what is installed of the packages that the arguments name, as the package manager says it.
manager
printf '== %s\n' "$pm"
case $pm in
apt)
  dpkg-query --show --showformat '${Package}:${Architecture}\t${Version}\t${db:Status-Abbrev}\n' -- "$@" 2>/dev/null
  [ $? -le 1 ] || die "dpkg-query cannot read the list of installed packages" ;;
dnf | zypper)
  rpm --query --queryformat '%{NAME}.%{ARCH}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' -- "$@"
  printf '== locks\n'
  cat "$R/etc/dnf/plugins/versionlock.list" "$R/etc/dnf/versionlock.toml" "$R/etc/zypp/locks" 2>/dev/null ;;
apk)
  sed -n '/^[PV]:/p' "$R/lib/apk/db/installed"
  printf '== world\n'
  cat "$R/etc/apk/world" ;;
list)
  cat "$R/var/lib/groma/packages" 2>/dev/null
  printf '== held\n'
  cat "$R/var/lib/groma/held-packages" 2>/dev/null ;;
esac
:
