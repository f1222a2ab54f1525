//! Looking at files and writing them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use value::Value;

use super::content::{Content, SOURCES, known_digest, shown_digest, size};
use super::template;
use crate::contents::{Contents, Kind};
use crate::failure::{Failure, Result};
use crate::ownership::{self, Owned, Stat};
use crate::paths;
use crate::session::{Host, Script};

const WRITE: &str = r#"
[ -d "$R${p%/*}/" ] || { [ -n "$R" ] && mkdir -p "$R${p%/*}"; } || die "there is no folder ${p%/*}: make it first (host_directory)"
found_real file "$key" "$R$p" || exit 1
if [ "$backup" = true ] && [ -e "$R$p" ]; then
  # Never through a link that is there.
  [ ! -L "$R$p.groma-backup" ] || rm -f "$R$p.groma-backup" || exit 1
  cp -a "$g_real" "$R$p.groma-backup" || exit 1
fi
put_file "$R$p" "$sha" "$mode" "$owner" || exit 1
[ -z "$look" ] || stat -L -c "%a %u %g %s %U %G -" -- "$R$p"
"#;

/// How large a file may be whose changed content is fetched, to show it.
const MOST_SHOWN: i64 = 1 << 20;

/// The files as they are, in order.
pub(super) async fn read_all(host: &Host, current: &[Value]) -> Vec<Result<Value>> {
    let paths: Vec<&str> = current.iter().map(|object| object.text("path").unwrap_or_default()).collect();
    let found = match Contents::look(host, Kind::Files("sha256"), &paths).await {
        Ok(found) => found,
        Err(failure) => return vec![Err(failure); current.len()],
    };
    let reads = current.iter().zip(paths).map(|(object, path)| {
        let found = found.file(host, path);
        async move {
            match found? {
                Some((stat, digest)) => observed(host, object, stat, digest).await,
                None => Ok(Value::null(object.ty())),
            }
        }
    });
    futures::future::join_all(reads).await
}

/// The object with what was seen; a content that is not the known one is fetched.
async fn observed(host: &Host, object: &Value, stat: &Stat, digest: &str) -> Result<Value> {
    let seen =
        Owned::observed(host, object, stat).await?.onto(object).with_attr("size", Value::number(stat.size));
    if known_digest(object).as_deref() == Some(digest) {
        return Ok(seen);
    }
    let seen = seen.with_attr("content_sha256", shown_digest(object, digest));
    let imported = SOURCES.iter().all(|name| object.is_unset(name));
    let secret = !object.is_unset("sensitive_content") || template::is_secret(object);
    // A secret that differs has nothing but its text to show it by, or its size where that is too much.
    if !object.is_unset("source") || (stat.size > MOST_SHOWN && !secret) {
        return Ok(seen);
    }
    let bytes = match stat.size > MOST_SHOWN {
        true => format!("({} bytes)", stat.size).into_bytes(),
        false => {
            let path = object.text("path").unwrap_or_default();
            let cat = Script::read(r#"cat -- "$R$p""#).var("p", path);
            host.must(cat, &format!("read the file {path}")).await?.stdout
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => Value::string_nfc(text),
        Err(_) => Value::string("(bytes that are no text)"),
    };
    Ok(if !object.is_unset("content") || imported {
        seen.with_attr("content", text)
    } else if !object.is_unset("template") {
        seen.with_attr(template::RENDERED[usize::from(template::is_secret(object))], text)
    } else if !object.is_unset("sensitive_content") {
        seen.with_attr("sensitive_content", text)
    } else {
        seen.with_attr("content_base64", Value::string(STANDARD.encode(&bytes)))
    })
}

/// Puts the content into place, and looks at the file where the plan leaves something of it open.
pub(super) async fn write(host: &Host, planned: &Value, content: &Content) -> Result<Option<Stat>> {
    let path = planned.text("path").unwrap_or_default();
    let owned = Owned::of(planned);
    let script = Script::change(WRITE)
        .var("p", path)
        .var("key", paths::key(path))
        .var("sha", &content.sha256)
        .var("mode", owned.mode.as_deref().unwrap_or_default())
        .var("owner", owned.chown())
        .var("backup", planned.flag("backup").unwrap_or(false).to_string())
        .var("look", if ownership::without_open(planned).is_some() { "1" } else { "" })
        .content(content.bytes.clone());
    let output = host.must(script, &format!("write the file {path}")).await?;
    Ok(Stat::parse(output.text().trim_end()).map(|(_, stat)| stat))
}

/// The planned file with what is known once it is written, and what was seen of it then.
pub(super) async fn filled(
    host: &Host,
    planned: &Value,
    content: &Content,
    stat: Option<Stat>,
) -> Result<Value> {
    let planned = planned
        .with_attr("content_sha256", shown_digest(planned, &content.sha256))
        .with_attr("size", size(content.bytes.len()));
    let Some(cleared) = ownership::without_open(&planned) else { return Ok(planned) };
    if let Some(stat) = stat {
        return Ok(Owned::observed(host, &cleared, &stat).await?.onto(&cleared));
    }
    let mut read = read_all(host, std::slice::from_ref(&cleared)).await;
    match read.pop() {
        Some(Ok(seen)) if !seen.is_null() => Ok(seen),
        Some(Err(failure)) => Err(failure),
        _ => Err(Failure::new(
            "File is gone",
            format!(
                "On {}, {} was gone right after it was written.",
                host.name(),
                planned.text("path").unwrap_or_default()
            ),
        )),
    }
}
