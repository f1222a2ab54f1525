# Changes that may cut off the one who makes them: the host itself undoes them if nobody confirms that it can still be
# reached. A change is a folder under PENDING with `run`, a script that holds all of it (guard.rs puts it together) and
# defines change_check, change_capture, change_apply, change_undo and change_boot; $d is the folder. In it are:
#   until    the boot and the second of it by which all must be over
#   go       the change may begin
#   state    applied; or how it ended: failed, dropped (it never began), undone
#   decided  a link whose target says how it ends; who makes it, decides: kept, failed, dropped, undone
#   said     what the change printed
#   noted    records of what was found that this change made
#   old/     what was there before
PENDING=/var/lib/groma/pending
ROLLBACK_UNIT=/etc/systemd/system/groma-rollback.service

# Waits a moment.
nap() {
  sleep 0.1 2>/dev/null || sleep 1
}

# Sets g_up to the seconds since the boot.
uptime_now() {
  read -r g_up g_rest </proc/uptime
  g_up=${g_up%%.*}
}

boot_id() {
  cat /proc/sys/kernel/random/boot_id
}

# True when the host's services are systemd's.
has_systemd() {
  [ -d /run/systemd/system ]
}

# --- one change: FOLDER ---

# Decides how it ends, once: FOLDER HOW. True for who decides.
guard_decide() {
  ln -s "$2" "$1/decided" 2>/dev/null
}

guard_state() {
  if [ "$(readlink "$1/decided" 2>/dev/null)" = kept ]; then
    echo kept
  else
    cat "$1/state" 2>/dev/null
  fi
}

guard_say() {
  printf '%s\n' "$2" >"$1/state.new" && mv -f "$1/state.new" "$1/state"
}

guard_is_over() {
  case $(guard_state "$1") in
  kept | failed | dropped | undone) return 0 ;;
  esac
  return 1
}

# True when who should have ended it cannot any more: it was killed, or the host was booted since.
guard_is_late() {
  read -r g_boot g_until 2>/dev/null <"$1/until" || return 0
  uptime_now
  [ "$g_boot" != "$(boot_id)" ] || [ "$g_up" -gt "$g_until" ]
}

# Waits until no change is on trial here, and ends those that nobody else will end: what is there now is what stays.
guard_settle() {
  [ -n "$R" ] && return 0
  for g_one in "$PENDING"/*; do
    [ -d "$g_one" ] || continue
    until guard_is_over "$g_one" || [ ! -d "$g_one" ]; do
      if guard_is_late "$g_one"; then
        guard_decide "$g_one" undone
        if [ ! -e "$g_one/go" ] || timeout 60 sh "$g_one/run" undo >>"$g_one/said" 2>&1; then
          guard_say "$g_one" undone
        else
          die "a change was interrupted, and undoing it failed: $(tail -n 3 "$g_one/said"); see $g_one"
        fi
      fi
      nap
    done
  done
}

# Does what is left to do after the trial.
guard_finish() {
  [ "$(guard_state "$1")" != kept ] || sh "$1/run" kept || return 1
  guard_forget "$1"
}

# Forgets a trial's folder, and what was to undo it at the next boot.
guard_forget() {
  rm -rf "$1"
  if rmdir "$PENDING" 2>/dev/null; then
    rm -f "$ROLLBACK_UNIT" "${ROLLBACK_UNIT%/*}/sysinit.target.wants/${ROLLBACK_UNIT##*/}"
    rmdir /var/lib/groma 2>/dev/null
    ! has_systemd || systemctl daemon-reload
  fi
  :
}

# --- the side of the one who makes the change: $id is the change's ---

# Prepares the change, whose script is standard input: $sum is its SHA-256, $wait how many seconds it may be unconfirmed.
guard_arm() {
  d=$PENDING/$id
  guard_settle
  for g_one in "$PENDING"/*; do
    guard_is_over "$g_one" && guard_finish "$g_one"
  done
  mkdir -p "$d/old" && chmod 700 /var/lib/groma "$PENDING" "$d" || exit 1
  cat >"$d/run" && g_sum=$(sha256sum <"$d/run") || exit 1
  [ "${g_sum%% *}" = "$sum" ] || { guard_forget "$d"; die "the change arrived incomplete"; }
  sh "$d/run" check || { guard_forget "$d"; exit 1; }
  uptime_now
  printf '%s %s\n' "$(boot_id)" $((g_up + wait + 120)) >"$d/until"
  sh "$d/run" capture || { sh "$d/run" unnote; guard_forget "$d"; exit 1; }
  if has_systemd; then
    guard_at_boot || exit 1
    systemd-run --quiet --collect --unit="groma-guard-$id" /bin/sh "$d/run" watch </dev/null && return 0
  fi
  setsid nohup sh "$d/run" watch </dev/null >/dev/null 2>&1 &
}

# Has systemd undo what is not confirmed when the host boots before that.
guard_at_boot() {
  [ -e "$ROLLBACK_UNIT" ] || cat >"$ROLLBACK_UNIT" <<'UNIT' || return 1
[Unit]
Description=Undo the changes of groma that nobody confirmed
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target systemd-networkd.service
Wants=network-pre.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for run in /var/lib/groma/pending/*/run; do [ ! -e "$run" ] || /bin/sh "$run" boot; done'

[Install]
WantedBy=sysinit.target
UNIT
  mkdir -p "${ROLLBACK_UNIT%/*}/sysinit.target.wants" &&
    ln -sf "../${ROLLBACK_UNIT##*/}" "${ROLLBACK_UNIT%/*}/sysinit.target.wants/${ROLLBACK_UNIT##*/}"
}

# Lets the change begin, and waits for it.
guard_go() {
  d=$PENDING/$id
  : >"$d/go" || exit 1
  until [ -e "$d/state" ]; do nap; done
  cat "$d/state"
}

# Says that the host can be reached by a new connection, and prints how the change ended: kept, or else in the first
# line how and then why, with what is there again as errors. While the change is still being made this connection proves
# nothing.
guard_confirm() {
  d=$PENDING/$id
  [ -d "$d" ] || { echo gone; exit 0; }
  if [ "$(cat "$d/state" 2>/dev/null)" = applied ]; then
    guard_decide "$d" kept
  fi
  guard_is_over "$d" || { echo waiting; exit 0; }
  guard_state "$d"
  [ "$(readlink "$d/decided")" = kept ] && exit 0
  cat "$d/said" 2>/dev/null
  cat "$d/old/shown" >&2 2>/dev/null
  exit 0
}

# What is to be done once the end is known on both sides.
guard_close() {
  [ ! -d "$PENDING/$id" ] || guard_finish "$PENDING/$id"
}

# --- the change itself: `sh FOLDER/run STEP` ---

guard_run() {
  case $1 in
  check | capture | apply) "change_$1" ;;
  undo) change_undo && guard_unnote ;;
  unnote) guard_unnote ;;
  # Records of what was found that are not needed any longer.
  kept) while read -r g_type g_key; do found_forget "$g_type" "$g_key"; done 2>/dev/null <"$d/forget"; : ;;
  # Nothing runs yet: the files are all there is to undo.
  boot)
    [ -e "$d/go" ] && ! guard_is_over "$d" || return 0
    guard_decide "$d" undone
    change_boot && guard_unnote && guard_say "$d" undone
    ;;
  watch) guard_watch ;;
  esac
}

# Makes the change when told to, and undoes it if that is not confirmed in time.
guard_watch() {
  uptime_now
  g_end=$((g_up + 15))
  until [ -e "$d/go" ]; do
    uptime_now
    if [ "$g_up" -ge "$g_end" ]; then
      guard_decide "$d" dropped && guard_unnote && guard_say "$d" dropped
      return
    fi
    nap
  done
  if ! timeout 60 sh "$d/run" apply >"$d/said" 2>&1; then
    g_status=$?
    [ -s "$d/said" ] || printf 'it took too long, or ended without a word\n' >"$d/said"
    guard_decide "$d" failed
    guard_undo failed
    return
  fi
  guard_say "$d" applied
  uptime_now
  g_end=$((g_up + wait))
  until [ -L "$d/decided" ]; do
    uptime_now
    if [ "$g_up" -ge "$g_end" ]; then
      guard_decide "$d" undone && guard_undo undone
      return
    fi
    nap
  done
}

guard_undo() {
  # A second time, should something still have been under way in the first.
  timeout 60 sh "$d/run" undo >>"$d/said" 2>&1 || timeout 60 sh "$d/run" undo >>"$d/said" 2>&1
  guard_say "$d" "$1"
}

# Records what was found at PATH for TYPE KEY as found_path does, and that it was this change that did.
guard_note() {
  found_known "$1" "$2" && return 0
  [ -n "$d" ] && printf '%s %s\n' "$1" "$2" >>"$d/noted"
  found_path "$1" "$2" "$3"
}

# The same for a change that is undone: what was found is there again.
guard_unnote() {
  while read -r g_type g_key; do found_forget "$g_type" "$g_key"; done 2>/dev/null <"$d/noted"
  rm -f "$d/noted"
}

# Has the record of TYPE KEY forgotten once the change is kept.
guard_forget_later() {
  if [ -n "$R" ]; then found_forget "$1" "$2"; else printf '%s %s\n' "$1" "$2" >>"$d/forget"; fi
}

# --- the files of a change, all below $R ---

# Keeps what is at each PATH for files_back.
files_save() {
  [ -n "$R" ] && return 0
  for g_file in "$@"; do
    printf '%s\n' "$g_file"
    [ ! -e "$R$g_file" ] && [ ! -L "$R$g_file" ] && continue
    mkdir -p "$d/old/files${g_file%/*}" && cp -a "$R$g_file" "$d/old/files$g_file" || return 1
  done >>"$d/old/list"
}

# Puts back what files_save kept.
files_back() {
  while IFS= read -r g_file; do
    if [ -e "$d/old/files$g_file" ] || [ -L "$d/old/files$g_file" ]; then
      rm -f "$R$g_file.groma-old"
      mkdir -p "$R${g_file%/*}" && cp -a "$d/old/files$g_file" "$R$g_file.groma-old" && mv -f "$R$g_file.groma-old" "$R$g_file" || return 1
    else
      file_gone "$g_file"
    fi
  done 2>/dev/null <"$d/old/list"
}

# Writes TEXT to PATH as a whole, if it is not there already.
file_is() {
  g_at=$R$2
  [ -f "$g_at" ] && [ "$(cat "$g_at"; echo x)" = "${1}x" ] && return 0
  folder_for "$2" && mkdir -p "${g_at%/*}" && printf '%s' "$1" >"$g_at.groma-new" && mv -f "$g_at.groma-new" "$g_at"
}

# Makes PATH a link to TARGET, if it is not.
link_is() {
  [ "$(readlink "$R$2" 2>/dev/null)" = "$1" ] && return 0
  folder_for "$2" && mkdir -p "$R${2%/*}" && ln -sf "$1" "$R$2"
}

# In a folder that stands for a host, even /etc may be missing: what is made of it for PATH is remembered, to go with the last
# thing in it.
folder_for() {
  g_dir=${1%/*}
  [ -z "$R" ] || [ -z "$g_dir" ] || [ -d "$R$g_dir" ] && return 0
  set -- "$g_dir"
  folder_for "$1" && make_missing "$1" "$(printf %s "$1" | sha256sum | head -c 32)"
}

# Removes PATH, and its folder if that was made for it.
file_gone() {
  rm -f "$R$1"
  [ -z "$R" ] || remove_made "$1"
  case $1 in
  */groma/* | *.d/* | *.wants/*) rmdir "$R${1%/*}" 2>/dev/null ;;
  esac
  case $1 in */etc/groma/*) rmdir "$R/etc/groma" 2>/dev/null ;; esac
  :
}
