//! Making components as they are to be, and putting back what was found.

use std::fmt::Write as _;
use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Output, Result, Script};
use sha2::{Digest, Sha256};
use value::Value;

use super::look::observe;
use super::{Component, File, Folder, Health, Names, bring, health, is_folder, shape};

const CHANGE: &str = concat!(include_str!("lib.sh"), include_str!("change.sh"));

const REMOVE: &str = concat!(include_str!("lib.sh"), include_str!("remove.sh"));

/// For a unit that is a package's: it is enabled, and its files are all that is ours.
const BORROW: &str = concat!(include_str!("lib.sh"), include_str!("borrow.sh"));

const WELL: &str = r#"rm -f "/run/groma/eksd/$component""#;

const ASKED: &str = r#"[ -e "/run/groma/eksd/$component" ] && echo 1; :"#;

/// Stopping and starting may take as long as the unit says.
const LONGEST: Duration = Duration::from_mins(15);

/// What a component's script gets: arguments, and the contents of files one after the other.
#[derive(Debug, Default)]
struct Parcel {
    arguments: Vec<String>,
    input: Vec<u8>,
}

/// Creates (a null `prior`) or updates.
pub async fn make(
    component: &dyn Component,
    context: &Context,
    host: &Host,
    prior: &Value,
    planned: &Value,
) -> Result<Value> {
    let names = Names::of(component);
    bring(&names, context, host, planned).await?;
    switch(component, host, prior, planned).await?;
    if planned.text("state") != Some("stopped") {
        Health::of(component, planned).settle(&names, context, host).await?;
    }
    finished(component, host, planned).await
}

/// Writes the files of a package's unit, and has it run with them. `version` is that of its programs, if it has some.
pub async fn borrow(
    names: &Names,
    host: &Host,
    prior: (&[File], &[Folder]),
    planned: (&[File], &[Folder]),
    version: &str,
) -> Result<()> {
    let mut parcel = Parcel::default();
    parcel.folders(prior.1, planned.1);
    parcel.files(prior.0, planned.0);
    let script = names
        .on(Script::change(BORROW).args(parcel.arguments))
        .var("version", version)
        .var("want_state", "running");
    let output = host.run(script.timeout(LONGEST).input(parcel.input)).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(names, host, "set up", &output)) }
}

/// Writes what it runs with, and starts it with that.
async fn switch(component: &dyn Component, host: &Host, prior: &Value, planned: &Value) -> Result<()> {
    let names = Names::of(component);
    let shape = |object: &Value| match object.is_null() {
        true => (Vec::new(), Vec::new()),
        false => (shape::files(component, object), component.folders(object)),
    };
    let (old_files, old_folders) = shape(prior);
    let (mut files, folders) = shape(planned);
    // Last, as what it names is there then.
    files.push(File {
        path: shape::unit_path(component),
        mode: shape::UNIT_MODE,
        owner: "root:root".into(),
        content: shape::unit(component, planned),
        observe: |object, _| object.clone(),
    });
    let mut parcel = Parcel::default();
    parcel.folders(&old_folders, &folders);
    parcel.files(&old_files, &files);
    let script = names
        .on(Script::change(CHANGE).args(parcel.arguments))
        .var("version", planned.text("version").unwrap_or_default())
        .var("want_state", planned.text("state").unwrap_or("running"))
        .var("want_enabled", planned.flag("enabled").unwrap_or(true).to_string())
        .timeout(LONGEST)
        .input(parcel.input);
    let output = host.run(script).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(&names, host, "set up", &output)) }
}

impl Parcel {
    fn files(&mut self, old: &[File], new: &[File]) {
        let gone = old.iter().filter(|old| new.iter().all(|new| new.path != old.path));
        self.arguments.extend(gone.map(|file| format!("-{}", file.path)));
        for file in new {
            let mut digest = String::new();
            for byte in Sha256::digest(file.content.as_bytes()) {
                let _ = write!(digest, "{byte:02x}");
            }
            let (size, mode) = (file.content.len().to_string(), file.mode.to_owned());
            self.arguments.extend([format!("+{}", file.path), size, digest, mode, file.owner.clone()]);
            self.input.extend_from_slice(file.content.as_bytes());
        }
    }

    fn folders(&mut self, old: &[Folder], new: &[Folder]) {
        let gone = old.iter().filter(|old| new.iter().all(|new| new.path != old.path));
        self.arguments.extend(gone.map(|folder| format!("={}", folder.path)));
        for folder in new {
            self.arguments.extend([folder.path.clone(), folder.mode.to_owned(), folder.owner.clone()]);
        }
    }
}

impl Health {
    /// Waits for what was started and is not known to be well.
    pub async fn settle(&self, names: &Names, context: &Context, host: &Host) -> Result<()> {
        if is_folder(host) {
            return Ok(());
        }
        let doing = format!("finish the start of {}", names.component);
        if !host.must(names.on(Script::read(ASKED)), &doing).await?.stdout.is_empty() {
            self.wait(names, context, host).await?;
        }
        host.must(names.on(Script::change(WELL)), &doing).await.map(|_| ())
    }
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
fn failure(names: &Names, host: &Host, doing: &str, output: &Output) -> Failure {
    let (fields, name) = (output.fields(), names.component);
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
    take_away(&Names::of(component), host, paths).await
}

/// Takes away files of ours, and programs, and puts back what was found.
pub async fn take_away(names: &Names, host: &Host, paths: Vec<String>) -> Result<()> {
    let script = names.on(Script::change(REMOVE).args(paths)).timeout(LONGEST);
    let output = host.run(script).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(names, host, "remove", &output)) }
}
