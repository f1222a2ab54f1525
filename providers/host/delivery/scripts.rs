use std::time::Duration;

use url::Url;

use super::Delivery;
use crate::failure::{Failure, Result};
use crate::fetch::{parse, shown};
use crate::session::Host;

/// The partial file is beside its place, so that it gets there by one rename; a link at the place is followed.
pub(super) const PRELUDE: &str = r#"
real_path "$R$p"
to=$g_real
parts=${to%/*}/.groma-part-$key-
part=$parts$(printf %.16s "$digest")
is_right() { g_sum=$("${algorithm}sum" <"$1") && [ "${g_sum%% *}" = "$digest" ]; }
"#;

const BEGIN: &str = r#"
within "${p%/*}"
[ -d "${to%/*}/" ] || { [ -n "$R" ] && mkdir -p "${to%/*}"; } || die "there is no folder ${p%/*}: make it first (host_directory)"
[ -d "$to" ] && die "$p is a folder: remove it, or give another path"
for g_old in "$parts"*; do [ "$g_old" = "$part" ] || rm -f "$g_old"; done
if [ -f "$to" ] && is_right "$to"; then rm -f "$part"; echo there
elif [ ! -f "$part" ]; then echo 0
elif is_right "$part"; then echo whole
else stat -c %s "$part"
fi
"#;

const APPEND: &str = r#"
[ "$at" = 0 ] && { rm -f "$part"; (umask 077; : >"$part") || exit 1; }
[ "$(stat -c %s "$part")" = "$at" ] || die "something else writes its partial file: is another groma at work there?"
cat >>"$part" || exit 1
[ "$(stat -c %s "$part")" = "$((at + size))" ] || die "what was sent arrived incomplete"
"#;

const VERIFY: &str = r#"
[ -f "$part" ] || die "its partial file is gone"
is_right "$part" || { rm -f "$part"; echo "${g_sum%% *}"; }
"#;

/// The URL is on standard input, as are the settings of curl: they may hold secrets.
const FETCH: &str = r#"
umask 077
settings=$(cat)
url=${settings%%"
"*}
settings=${settings#*"
"}
get() {
  if [ -n "$file" ]; then
    cat -- "$file" >"$part"
  elif command -v curl >/dev/null 2>&1; then
    printf '%s' "$settings" | curl -K - -o "$part" -C - -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 60
  elif wget --version 2>/dev/null | grep -q GNU; then
    printf '%s\n' "$url" | wget -nv -c -t 3 -T 60 -O "$part" -i -
  elif command -v wget >/dev/null 2>&1; then
    [ "$secret" = false ] || die "its wget would show the URL, which may hold a secret, in the list of processes: install curl (host_package)"
    wget -q -c -T 60 -O "$part" "$url"
  else
    die "it has neither curl nor wget: install one (host_package), or set via = \"operator\""
  fi
}
g_try=0
while :; do
  had=0
  [ -s "$part" ] && had=1
  get && exit 0
  g_r=$?
  g_try=$((g_try + 1))
  [ $g_try -lt 4 ] || exit $g_r
  case $had-$g_r in
  # What was cut off is continued.
  ?-18 | ?-28 | ?-52 | ?-56) sleep $g_try ;;
  # What a server cannot continue begins anew: curl says 33 or 36, or as wget that the answer was an error.
  1-33 | 1-36 | 1-22 | 1-8) rm -f "$part" ;;
  *) exit $g_r ;;
  esac
done
"#;

/// What is there of a delivery.
pub(super) enum Begun {
    There,
    Whole,
    /// So many bytes of it.
    Part(u64),
}

/// Looks at what is there.
pub(super) async fn begin(delivery: &Delivery<'_>, host: &Host) -> Result<Begun> {
    let doing = format!("begin to download {}", delivery.path);
    let output = host.must(delivery.script(BEGIN), &doing).await?;
    match output.text().trim() {
        "there" => Ok(Begun::There),
        "whole" => Ok(Begun::Whole),
        size => size.parse().map(Begun::Part).map_err(|_| Failure::script(host, &doing, &output)),
    }
}

/// Appends a piece at a place.
pub(super) async fn append(delivery: &Delivery<'_>, host: &Host, at: u64, piece: Vec<u8>) -> Result<()> {
    let script = delivery.script(APPEND).var("at", at.to_string()).var("size", piece.len().to_string());
    host.must(script.input(piece), &format!("write what is downloaded to {}", delivery.path))
        .await
        .map(|_| ())
}

/// The digest of what was brought, if it is wrong; then it is thrown away.
pub(super) async fn verify(delivery: &Delivery<'_>, host: &Host) -> Result<Option<String>> {
    let output = host
        .must(delivery.script(VERIFY), &format!("verify what was downloaded to {}", delivery.path))
        .await?;
    let found = output.text().trim().to_owned();
    Ok((!found.is_empty()).then_some(found))
}

/// Has the host fetch it.
pub(super) async fn fetch(delivery: &Delivery<'_>, host: &Host) -> Result<()> {
    let url = parse(delivery.url).map_err(|reason| {
        Failure::attribute("url", "Invalid download", format!("It cannot be fetched: {reason}."))
    })?;
    let file = match url.scheme() {
        "file" => url.to_file_path().ok().and_then(|path| path.to_str().map(str::to_owned)),
        _ => None,
    };
    let secret = !url.username().is_empty() || url.password().is_some() || url.query().is_some();
    let script = delivery
        .script(FETCH)
        .var("file", file.unwrap_or_default())
        .var("secret", secret.to_string())
        .input(settings(&url))
        .timeout(delivery.timeout + Duration::from_secs(5));
    let mut output = host.run(script).await?;
    if output.is_ok() {
        return Ok(());
    }
    // wget names the URL.
    output.stderr = output.errors().replace(url.as_str(), &shown(&url)).into_bytes();
    let said = output.errors();
    let mut failure =
        Failure::script(host, &format!("download {} from {}", delivery.path, shown(&url)), &output);
    // Where the connection broke, the partial file is continued.
    failure.transient = ["(18)", "(28)", "(52)", "(56)"].iter().any(|code| said.contains(code));
    Err(failure)
}

/// The URL in a line of its own, then the settings of curl.
fn settings(url: &Url) -> String {
    let quoted = url.as_str().replace('\\', "\\\\").replace('"', "\\\"");
    format!("{url}\nurl = \"{quoted}\"\n")
}
