# True when the module NAME is loaded, or built into the kernel.
is_loaded() {
  [ -d "/sys/module/$1" ] || grep -q "^$1 " /proc/modules 2>/dev/null || is_built_in "$1"
}

# Names in modules.builtin are as their files are called: with either of - and _.
is_built_in() {
  [ -d "/sys/module/$1" ] && ! [ -e "/sys/module/$1/initstate" ] && return 0
  release=$(uname -r)
  pattern=$(printf '%s' "$1" | sed 's/_/[-_]/g')
  grep -q "/$pattern\.ko" "/lib/modules/$release/modules.builtin" 2>/dev/null
}
