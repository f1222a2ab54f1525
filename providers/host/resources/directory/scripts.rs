//! Looking at folders, making and removing them.

use provider::simple::Access;
use value::Value;

use crate::contents::{Contents, Kind};
use crate::failure::{Failure, Result};
use crate::ownership::{self, Owned, parse_mode};
use crate::paths;
use crate::session::{Host, Script};

/// The arguments are the folders above it and their keys, the topmost first.
const MAKE: &str = r#"
within "$p"
if [ -d "$R$p" ]; then
  if found_known made "$key"; then found_note directory "$key" made && found_forget made "$key"; fi
  found_known directory "$key" || found_note directory "$key" "was $(stat -L -c '%a %u:%g' "$R$p")" || exit 1
else
  [ ! -e "$R$p" ] && [ ! -L "$R$p" ] || die "there is something at $p that is no folder: remove it, or give another path"
  while [ $# -gt 0 ]; do
    if [ ! -d "$R$1" ]; then
      [ "$parents" = true ] || [ -n "$R" ] || die "there is no folder $1: set parents = true, or make it by a host_directory of its own"
      found_note made "$2" "$1" || exit 1
      mkdir -m 0755 "$R$1" || [ -d "$R$1" ] || exit 1
      relabel "$R$1"
    fi
    shift 2
  done
  found_note directory "$key" made || exit 1
  # Before it has its mode, only its maker may look into it.
  if [ -n "$mode" ]; then mkdir -m 0700 "$R$p"; else mkdir -m 0755 "$R$p"; fi || exit 1
  relabel "$R$p"
fi
own "$owner" "$R$p" && { [ -z "$mode" ] || chmod "$mode" "$R$p"; }
"#;

const REMOVE: &str = r#"
case $(found_text directory "$key") in
"was "*)
  set -- $(found_text directory "$key")
  if [ -d "$R$p" ]; then own "$3" "$R$p" && chmod "0$2" "$R$p" || exit 1; fi
  ;;
made)
  if [ ! -d "$R$p" ] || [ -L "$R$p" ]; then
    :
  elif [ "$force" = true ]; then
    rm -rf "$R$p" || exit 1
  else
    # It goes with the last thing in it that groma put there.
    rmdir "$R$p" 2>/dev/null || found_note made "$key" "$p" || exit 1
  fi
  ;;
esac
found_forget directory "$key"
remove_made "$p"
"#;

/// The folders as they are, in order.
pub(super) async fn read_all(host: &Host, current: &[Value]) -> Vec<Result<Value>> {
    let paths: Vec<&str> = current.iter().map(|object| object.text("path").unwrap_or_default()).collect();
    let found = match Contents::look(host, Kind::Folders, &paths).await {
        Ok(found) => found,
        Err(failure) => return vec![Err(failure); current.len()],
    };
    let reads = current.iter().zip(paths).map(|(object, path)| {
        let stat = found.stat(host, path);
        async move {
            match stat? {
                Some(stat) => Ok(Owned::observed(host, object, stat).await?.onto(object)),
                None => Ok(Value::null(object.ty())),
            }
        }
    });
    futures::future::join_all(reads).await
}

/// Makes the folder, or gives the one that is there its mode and owner.
pub(super) async fn make(host: &Host, planned: &Value) -> Result<()> {
    let path = planned.text("path").unwrap_or_default();
    let owned = Owned::of(planned);
    // Five digits take away the set-id bits of a folder, which four leave.
    let mode = owned.mode.as_deref().and_then(parse_mode).map(|mode| format!("{mode:05o}"));
    let script = Script::change(MAKE)
        .args(paths::above(path).flat_map(|above| [above.to_owned(), paths::key(above)]))
        .var("p", path)
        .var("key", paths::key(path))
        .var("parents", planned.flag("parents").unwrap_or(false).to_string())
        .var("mode", mode.unwrap_or_default())
        .var("owner", owned.chown());
    host.must(script, &format!("make the folder {path}")).await.map(|_| ())
}

/// Removes the folder, or puts back what it was.
pub(super) async fn remove(host: &Host, path: &str, force: bool) -> Result<()> {
    let script =
        Script::change(REMOVE).var("p", path).var("key", paths::key(path)).var("force", force.to_string());
    host.must(script, &format!("remove the folder {path}")).await.map(|_| ())
}

/// The planned folder with what is known once it is made.
pub(super) async fn filled(host: &Host, planned: &Value) -> Result<Value> {
    let Some(cleared) = ownership::without_open(planned) else { return Ok(planned.clone()) };
    match read_all(host, std::slice::from_ref(&cleared)).await.pop() {
        Some(Ok(seen)) if !seen.is_null() => Ok(seen),
        Some(Err(failure)) => Err(failure),
        _ => Err(Failure::new(
            "Folder is gone",
            format!(
                "On {}, {} was gone right after it was made.",
                host.name(),
                planned.text("path").unwrap_or_default()
            ),
        )),
    }
}
