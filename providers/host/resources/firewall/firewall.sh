# A table of nftables: $name, $text (all of its file, empty to remove the table), $unit_text (empty: not kept over a boot).
file=/etc/groma/nftables/$name.nft
unit=/etc/systemd/system/groma-firewall-$name.service
wants=/etc/systemd/system/sysinit.target.wants/groma-firewall-$name.service
# What the kernel printed right after it got our table.
listed=/var/lib/groma/firewall/$name.listed

table_is_there() {
  nft list table inet "$name" >/dev/null 2>&1
}

# What loads the table as it is, in place of any other of its name.
table_dump() {
  printf 'table inet %s\ndelete table inet %s\n' "$name" "$name"
  if table_is_there; then nft list table inet "$name"; fi
}

change_check() {
  [ -n "$R" ] && return 0
  command -v nft >/dev/null 2>&1 || die "there is no nft: install nftables first (host_package)"
  [ -z "$unit_text" ] || has_systemd || die "it can only be kept over a boot where systemd runs: set persistent = false, and load $file when the host boots"
  [ -z "$text" ] && return 0
  g_said=$(printf '%s' "$text" | nft -c -f - 2>&1) || die "nft refuses the ruleset: $(printf '%s\n' "$g_said" | sed 's,^/dev/stdin:,line ,')"
}

change_capture() {
  files_save "$file" "$unit" "$wants" "$listed"
  if [ -n "$R" ]; then
    guard_note firewall "$name" "$R$file"
  else
    table_dump >"$d/old/table.nft" || return 1
    if table_is_there; then
      nft -s list table inet "$name" >"$d/old/shown" && guard_note firewall "$name" "$d/old/table.nft"
    else
      : >"$d/old/shown"
      guard_note firewall "$name" "$d/old/none"
    fi
  fi
}

change_apply() {
  if [ -n "$text" ]; then
    if [ -n "$unit_text" ]; then file_is "$text" "$file"; else file_gone "$file"; fi || return 1
  elif [ -n "$R" ]; then
    found_restore firewall "$name" "$R$file" && file_gone "$file.none" || return 1
  else
    file_gone "$file"
  fi
  if [ -n "$unit_text" ]; then
    file_is "$unit_text" "$unit" && link_is "../${unit##*/}" "$wants" || return 1
  else
    [ -n "$R" ] || ! has_systemd || systemctl stop "${unit##*/}" 2>/dev/null
    file_gone "$unit"
    file_gone "$wants"
  fi
  [ -n "$R" ] && return 0
  table_load || return 1
  ! has_systemd || systemctl daemon-reload || return 1
  [ -z "$unit_text" ] || systemctl is-active --quiet "${unit##*/}" ||
    systemctl start --job-mode=ignore-dependencies "${unit##*/}"
}

# Makes the kernel have the table, or what was there before there was one of ours.
table_load() {
  if [ -n "$text" ]; then
    printf '%s' "$text" | nft -f - && mkdir -p "${listed%/*}" && nft -s list table inet "$name" >"$listed"
    return
  fi
  g_found=$(found_at firewall "$name").kept
  if [ -e "$g_found" ]; then
    nft -f "$g_found" || return 1
  else
    printf 'table inet %s\ndelete table inet %s\n' "$name" "$name" | nft -f - || return 1
  fi
  rm -f "$listed"
  guard_forget_later firewall "$name"
  rmdir "${listed%/*}" 2>/dev/null
  :
}

change_undo() {
  nft -f "$d/old/table.nft" || return 1
  change_boot || return 1
  ! has_systemd || systemctl daemon-reload
}

change_boot() {
  files_back
  rmdir "${listed%/*}" 2>/dev/null
  :
}
