# Whether an answer with its status in the last line is all right; otherwise says what is not, in one line.
is_ok() {
  case $1 in
  *'
200') return 0 ;;
  esac
  printf '%s\n' "$1" | grep -v -e '^\[+\]' -e '^$' | tail -n 5 | tr '\n' ' '
  return 1
}

# The answer of URL must be all right: URL [CERT KEY]. The server is this host itself, and is not verified.
https_ok() {
  if command -v curl >/dev/null 2>&1; then
    if [ -r "$2" ]; then set -- "$1" --cert "$2" --key "$3"; else set -- "$1"; fi
    is_ok "$(curl -sSk --noproxy '*' --max-time 10 -w '\n%{http_code}' "$@" 2>&1)"
  elif command -v openssl >/dev/null 2>&1; then
    url=${1#https://}
    path=/${url#*/} at=${url%%/*}
    if [ -r "$2" ]; then set -- -cert "$2" -key "$3"; else set --; fi
    said=$(printf 'GET %s HTTP/1.0\r\n\r\n' "$path" | timeout 10 openssl s_client -connect "$at" -quiet -ign_eof "$@" 2>&1)
    case $said in
    *'HTTP/1.'?' 200'*) : ;;
    *) printf '%s\n' "$said"; return 1 ;;
    esac
  else
    die "it has neither curl nor openssl to look with: install one (host_package)"
  fi
}

# The same without TLS: URL.
http_ok() {
  if command -v curl >/dev/null 2>&1; then
    is_ok "$(curl -sS --noproxy '*' --max-time 10 -w '\n%{http_code}' "$1" 2>&1)"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -T 10 -O - "$1"
  else
    die "it has neither curl nor wget to look with: install one (host_package)"
  fi
}
