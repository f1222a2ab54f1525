//! Making components as they are to be, and putting back what was found.

use std::fmt::Write as _;
use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Output, Result, Script};
use sha2::{Digest, Sha256};
use value::Value;

use super::look::{observe, with_names};
use super::{Component, Health, bring, health, is_folder, shape};

const CHANGE: &str = concat!(include_str!("lib.sh"), include_str!("change.sh"));

const REMOVE: &str = concat!(include_str!("lib.sh"), include_str!("remove.sh"));

const WELL: &str = r#"rm -f "/run/groma/eksd/$component""#;

const ASKED: &str = r#"[ -e "/run/groma/eksd/$component" ] && echo 1; :"#;

/// Stopping and starting may take as long as the unit says.
const LONGEST: Duration = Duration::from_mins(15);

/// Creates (a null `prior`) or updates.
pub async fn make(
    component: &dyn Component,
    context: &Context,
    host: &Host,
    prior: &Value,
    planned: &Value,
) -> Result<Value> {
    bring(component, context, host, planned).await?;
    switch(component, host, prior, planned).await?;
    if !is_folder(host) && planned.text("state") != Some("stopped") {
        if is_unsure(component, host).await? {
            Health::of(component, planned).wait(component, context, host).await?;
        }
        let script = with_names(Script::change(WELL), component);
        host.must(script, &format!("finish the start of {}", component.name())).await?;
    }
    finished(component, host, planned).await
}

/// Writes what it runs with, and starts it with that.
async fn switch(component: &dyn Component, host: &Host, prior: &Value, planned: &Value) -> Result<()> {
    let (mut arguments, mut input) = (Vec::new(), Vec::new());
    let wanted = shape::files(component, planned);
    if !prior.is_null() {
        let old = shape::files(component, prior).into_iter().map(|file| file.path);
        arguments.extend(
            old.filter(|old| wanted.iter().all(|file| file.path != *old)).map(|old| format!("-{old}")),
        );
    }
    let folders = component.folders(planned);
    if !prior.is_null() {
        let old = component.folders(prior).into_iter().map(|folder| folder.path);
        arguments.extend(
            old.filter(|old| folders.iter().all(|folder| folder.path != *old)).map(|old| format!("={old}")),
        );
    }
    for folder in folders {
        arguments.extend([folder.path, folder.mode.to_owned(), folder.owner]);
    }
    let unit = shape::unit(component, planned);
    let unit = (shape::unit_path(component), "0644", "root:root".to_owned(), unit);
    let files = wanted.into_iter().map(|file| (file.path, file.mode, file.owner, file.content));
    for (path, mode, owner, content) in files.chain([unit]) {
        let mut digest = String::new();
        for byte in Sha256::digest(content.as_bytes()) {
            let _ = write!(digest, "{byte:02x}");
        }
        arguments.extend([format!("+{path}"), content.len().to_string(), digest, mode.to_owned(), owner]);
        input.extend_from_slice(content.as_bytes());
    }
    let script = with_names(Script::change(CHANGE).args(arguments), component)
        .var("version", planned.text("version").unwrap_or_default())
        .var("want_state", planned.text("state").unwrap_or("running"))
        .var("want_enabled", planned.flag("enabled").unwrap_or(true).to_string())
        .timeout(LONGEST)
        .input(input);
    let output = host.run(script).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(component, host, "set up", &output)) }
}

/// Whether it was started and is not known to be well.
async fn is_unsure(component: &dyn Component, host: &Host) -> Result<bool> {
    let script = with_names(Script::read(ASKED), component);
    Ok(!host.must(script, &format!("look at {}", component.name())).await?.stdout.is_empty())
}

/// Reads what has become of it.
async fn finished(component: &dyn Component, host: &Host, planned: &Value) -> Result<Value> {
    let read = observe(component, host, &planned.unknown_as_null()).await?;
    if read.is_null() {
        let name = component.name();
        let detail = format!("On {}, the unit of {name} was gone right after it was written.", host.name());
        return Err(Failure::new(format!("{name} is gone"), detail));
    }
    Ok(read)
}

/// A script that ended with an error, with what systemd and the journal know.
fn failure(component: &dyn Component, host: &Host, doing: &str, output: &Output) -> Failure {
    let (fields, name) = (output.fields(), component.name());
    let Some(active) = fields.get("ActiveState") else {
        return Failure::script(host, &format!("{doing} {name}"), output);
    };
    let get = |name: &str| fields.get(name).unwrap_or("?");
    let said = output.errors();
    let text = output.text();
    let detail = format!(
        "On {}, groma could not {doing} {name}: {} ({active}, {}, result {}, exit status {}).{}",
        host.name(),
        said.lines().last().unwrap_or("it failed"),
        get("SubState"),
        get("Result"),
        get("ExecMainStatus"),
        health::shown(text.split_once("log\n").map_or("", |(_, log)| log)),
    );
    Failure::new(format!("{name} failed"), detail)
}

/// Stops it, takes away what is ours, and puts back what was found.
pub async fn remove(component: &dyn Component, host: &Host, prior: &Value) -> Result<()> {
    let mut paths = vec![shape::unit_path(component)];
    paths.extend(shape::files(component, prior).into_iter().map(|file| file.path));
    // What is in a folder stays; an empty one that groma made goes.
    paths.extend(component.folders(prior).into_iter().map(|folder| format!("{}/-", folder.path)));
    let script = with_names(Script::change(REMOVE).args(paths), component).timeout(LONGEST);
    let output = host.run(script).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(component, host, "remove", &output)) }
}
