# Prints what a machine is, as NAME=VALUE lines.
say() {
  printf '%s=%s\n' "$1" "$2"
}
id= version_id= pretty=
if [ -r "$R/etc/os-release" ]; then
  eval "$(sed -n 's/^ID=/os_id=/p; s/^VERSION_ID=/os_version=/p; s/^PRETTY_NAME=/os_name=/p' "$R/etc/os-release")"
fi
say os_id "$os_id"
say os_version "$os_version"
say os_name "$os_name"
say hostname "$(cat "$R/etc/hostname" 2>/dev/null)"
for manager in apt-get dnf zypper apk; do
  for folder in usr/bin bin sbin usr/sbin; do
    [ -x "$R/$folder/$manager" ] && say package_manager "${manager%-get}" && break 2
  done
done
if [ -n "$R" ]; then
  [ -e "$R/usr/lib/systemd/systemd" ] || [ -e "$R/lib/systemd/systemd" ] && say init systemd
  exit 0
fi
say kernel "$(uname -r)"
case $(uname -m) in
x86_64) say arch amd64 ;;
aarch64) say arch arm64 ;;
*) say arch "$(uname -m)" ;;
esac
say cpus "$(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
say memory_bytes "$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then say cgroup_version 2; else say cgroup_version 1; fi
if [ -d /run/systemd/system ]; then
  say init systemd
else
  say init "$(cat /proc/1/comm)"
fi
# Addresses of this machine itself: those of bridges, tunnels and containers come and go with what runs on it.
if command -v ip >/dev/null 2>&1; then
  ip -o addr show scope global 2>/dev/null | while read -r _ name family address _; do
    case $name in docker* | br-* | veth* | cni* | flannel* | cali* | cilium* | lxc* | virbr* | tunl* | kube-*) continue ;; esac
    case $family in inet | inet6) say address "${address%/*}" ;; esac
  done
fi
for disk in /sys/block/*; do
  case ${disk##*/} in loop* | ram* | zram* | sr* | dm-* | md* | fd* | nbd* | '*') continue ;; esac
  [ -r "$disk/size" ] && say disk "${disk##*/} $(($(cat "$disk/size") * 512))"
done
:
