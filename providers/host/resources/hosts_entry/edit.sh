# The line of /etc/hosts with the mark MARK, or one without mark that MATCH says: ADDRESS NAME where NAME is the first name;
# or ADDRESS and nothing, where any name but localhost is.
hosts_awk='
{
  keep($0)
  comment = index($0, "#")
  n = split(comment ? substr($0, 1, comment - 1) : $0, field)
  sub(/\r$/, "", field[n])
  text = comment ? substr($0, comment) : ""
  sub(/[ \t\r]+$/, "", text)
  if (text == "# groma " ENVIRON["mark"]) { if (!marked) marked = count }
  else if (!other && n > 1 && text !~ /^# groma [0-9a-z]+$/ && field[1] == ENVIRON["address"]) {
    local = 0
    for (i = 2; i <= n; i++) if (field[i] == "localhost") local = 1
    if (ENVIRON["name"] == "" ? !local : field[2] == ENVIRON["name"]) other = count
  }
}
END { at = marked ? marked : other }
'

# Prints the line that is not marked and would be taken.
hosts_found() {
  export mark address name
  [ -e "$R/etc/hosts" ] || return 0
  awk "$g_lines$hosts_awk"'END { if (!marked && other) printf "%s", lines[other] }' <"$R/etc/hosts"
}

# Puts LINE in the place of the line, or adds it.
hosts_put() {
  export mark address name
  line=$1
  export line
  edit_lines "$R/etc/hosts" "$hosts_awk"'END { if (at) lines[at] = ENVIRON["line"]; else add(ENVIRON["line"]) }'
}

# Removes the line.
hosts_drop() {
  export mark address name
  [ -e "$R/etc/hosts" ] || return 0
  edit_lines "$R/etc/hosts" "$hosts_awk"'END { if (at) { for (i = at; i < count; i++) lines[i] = lines[i + 1]; count-- } }'
}
