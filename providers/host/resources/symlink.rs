use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_symlink`: a symbolic link.
pub(crate) struct Symlink;

/// A line of a digit for each path, then the targets of those that are links, each ended by NUL.
const LOOK: &str = r#"
for p in "$@"; do
  if [ -L "$R$p" ]; then printf 1; set -- "$@" "$R$p"
  elif hidden "$R${p%/*}/."; then printf 2
  else printf 0
  fi
  shift
done
echo
[ $# = 0 ] && exit 0
if readlink -z -- "$1" >/dev/null 2>&1; then readlink -z -- "$@"; exit; fi
for p in "$@"; do readlink -n "$p"; printf '\0'; done
"#;

const WRITE: &str = r#"
within "${p%/*}"
[ -d "$R${p%/*}/" ] || { [ -n "$R" ] && mkdir -p "$R${p%/*}"; } || die "there is no folder ${p%/*}: make it first (host_directory)"
[ -d "$R$p" ] && [ ! -L "$R$p" ] && die "$p is a folder: remove it, or give another path"
found_path symlink "$key" "$R$p" || exit 1
drop_unfinished "$R$p"
g_new=$R$p.groma-new-$$
ln -s -- "$target" "$g_new" || exit 1
mv -fT "$g_new" "$R$p" 2>/dev/null || { rm -f "$g_new"; ln -sfn -- "$target" "$R$p"; } || exit 1
relabel "$R$p"
"#;

/// What is no link is not ours, and stays.
const REMOVE: &str = r#"
if [ -L "$R$p" ]; then
  rm -f "$R$p" && found_restore symlink "$key" "$R$p" || exit 1
elif [ -e "$R$p" ]; then
  found_forget symlink "$key"
else
  found_restore symlink "$key" "$R$p" || exit 1
fi
remove_made "$p"
"#;

#[async_trait]
impl Resource for Symlink {
    fn type_name(&self) -> &'static str {
        "host_symlink"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A symbolic link on a host. It is changed from one moment to the next, never missing. A file or link that was \
                 there before is kept on the host and comes back when the resource is destroyed.",
            )
            .with("path", Attribute::required(Type::String).described("The absolute path of the link. Its folder must exist."))
            .with(
                "target",
                Attribute::required(Type::String)
                    .described("What it points to: a path that is absolute or relative to the link's folder. Nothing need be there."),
            );
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        let problem = match config.text("target") {
            Some("") => "A link cannot point to nothing.",
            Some(text) if text.contains(char::is_control) => "It has control characters in it.",
            Some(text) if text.len() > 4095 => "It is longer than 4095 bytes.",
            _ => return diagnostics,
        };
        diagnostics.push(attribute_error(&Path::from_attr("target"), "Invalid target", problem));
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let paths = current.iter().map(|object| object.text("path").unwrap_or_default());
        let output = match host.must(Script::read(LOOK).args(paths), "read the links").await {
            Ok(output) => output,
            Err(failure) => return vec![Err(failure); current.len()],
        };
        match targets(&output.stdout) {
            Some(targets) if targets.len() == current.len() => {
                targets.into_iter().zip(current).map(|(target, object)| seen(host, object, target)).collect()
            }
            _ => vec![Err(Failure::script(host, "read the links", &output)); current.len()],
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let path = planned.text("path").unwrap_or_default();
        let script = Script::change(WRITE)
            .var("p", path)
            .var("key", paths::key(path))
            .var("target", planned.text("target").unwrap_or_default());
        host.must(script, &format!("make the link {path}")).await?;
        Ok(planned.clone())
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        let script = Script::change(REMOVE).var("p", path).var("key", paths::key(path));
        host.must(script, &format!("remove the link {path}")).await.map(|_| ())
    }
}

/// What is at a path.
enum Target {
    To(String),
    /// No link, or nothing.
    None,
    /// It is behind a folder that may not be searched.
    Hidden,
}

/// For each path the target of the link that is there.
fn targets(output: &[u8]) -> Option<Vec<Target>> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let (there, rest) = output.split_at(end);
    let mut texts = rest.get(1..)?.split(|byte| *byte == 0);
    let target = |there: &u8| match there {
        b'1' => texts.next().map(|text| Target::To(String::from_utf8_lossy(text).into_owned())),
        b'2' => Some(Target::Hidden),
        _ => Some(Target::None),
    };
    there.iter().map(target).collect()
}

fn seen(host: &Host, object: &Value, target: Target) -> Result<Value> {
    match target {
        Target::To(target) => Ok(object.with_attr("target", Value::string_nfc(&target))),
        Target::None => Ok(Value::null(object.ty())),
        Target::Hidden => {
            let detail = format!(
                "On {}, groma cannot tell whether the link {} is there: a folder above it may not be searched. Log in as root, or set \
                 become = \"sudo\" in the provider block or on the host_machine.",
                host.name(),
                object.text("path").unwrap_or_default()
            );
            Err(Failure::new("Link cannot be looked at", detail))
        }
    }
}
