# What was unpacked is recorded as lines: `x ALGORITHM DIGEST` of the archive, then what `describe` prints, then `d NAME` of
# each folder that was made, `.` for the whole.

# Describes the files and links of the folder it works in whose names, a line each, it reads: `s` and what stat says, `h DIGEST
# NAME`, and of links `l NAME` and then `t TARGET`.
describe() {
  g_all=$(cat)
  [ -n "$g_all" ] || return 0
  printf '%s\n' "$g_all" | tr '\n' '\0' | xargs -0 stat -c 's %f %u %g %U %G %n' 2>/dev/null
  # What is no file any longer, such as a pipe, is not read.
  g_files=$(printf '%s\n' "$g_all" | while IFS= read -r g_name; do
    if [ -f "$g_name" ] && [ ! -L "$g_name" ]; then printf '%s\n' "$g_name"; fi
  done)
  if [ -n "$g_files" ]; then printf '%s\n' "$g_files" | tr '\n' '\0' | xargs -0 sha256sum | sed 's/^/h /'; fi
  printf '%s\n' "$g_all" | while IFS= read -r g_name; do
    if [ -L "$g_name" ]; then printf 'l %s\nt %s\n' "$g_name" "$(readlink "$g_name")"; fi
  done
}

# Prints the names in a record.
recorded() {
  sed -n -e 's/^h [0-9a-f]*  //p' -e 's/^l //p' "$1"
}
