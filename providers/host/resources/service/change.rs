//! Making units as they are to be, and putting back what was found.

use std::time::Duration;

use provider::simple::Access;
use tokio::time::Instant;
use value::Value;

use super::install::{self, Install};
use super::{drop_in_path, seen, texts, unit_path};
use crate::block::duration;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::Context;
use crate::resources::file::digest;
use crate::session::{Host, Output, Script};

const CHANGE: &str = concat!(include_str!("lib.sh"), include_str!("change.sh"));

const REMOVE: &str = concat!(include_str!("lib.sh"), include_str!("remove.sh"));

/// One try: the command's text goes through standard input, so it is in no process list.
const HEALTH: &str = r#"
command=$(cat && printf x)
printf '{\n%s\n} </dev/null' "${command%x}" | timeout "$limit" sh 2>&1
"#;

/// What the unit's journal says last.
const JOURNAL: &str =
    r#"printf 'log\n'; journalctl --unit="$name" --lines=15 --no-pager --quiet --output=cat 2>/dev/null; :"#;

/// Stopping and starting may take as long as the unit says, which usually is 90 s each.
const LONGEST: Duration = Duration::from_mins(15);

/// Creates (a null `prior`) or updates.
pub(super) async fn make(context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
    let name = planned.text("name").unwrap_or_default();
    let folder = matches!(host.connection().way, Way::Root(_));
    let wanted = |attribute: &str| match planned.flag(attribute) {
        Some(flag) if prior.is_null() || prior.flag(attribute) != Some(flag) => flag.to_string(),
        _ => String::new(),
    };
    let state = match planned.text("state") {
        Some("running") => "running",
        Some("stopped") if prior.is_null() || prior.text("state") != Some("stopped") => "stopped",
        _ => "",
    };
    let enabled = wanted("enabled");
    let links = match folder && enabled == "true" {
        true => install::links(host, name, planned.text("unit")).await?,
        false => Vec::new(),
    };
    let (arguments, input) = files(name, prior, planned);
    let arguments = arguments
        .into_iter()
        .chain(links.into_iter().flat_map(|(path, target)| [format!("={path}"), target]));
    let also =
        planned.text("unit").map(|text| Install::parse(text).values("Also").join(" ")).unwrap_or_default();
    let health = planned.attr("health").filter(|health| !health.is_null());
    let script = Script::change(CHANGE)
        .args(arguments)
        .var("name", name)
        .var("key", paths::key(&unit_path(name)))
        .var("more", also)
        .var("own", if planned.is_unset("unit") { "" } else { "1" })
        .var("want_state", state)
        .var("want_enabled", &enabled)
        .var("want_masked", wanted("masked"))
        .var("act", act(prior, planned))
        .var("health", if health.is_some() { "1" } else { "" })
        .timeout(LONGEST)
        .input(input);
    let output = host.run(script).await?;
    if !output.is_ok() {
        return Err(failure(host, name, "set up", &output));
    }
    if let Some(health) = health.filter(|_| !folder) {
        let acted = output.fields().get("done").is_some() || pending(host, name).await?;
        if acted || (prior.is_null() && state == "running") {
            check_health(context, host, name, health).await?;
        }
        let forget = Script::change(r#"rm -f "/run/groma/service/$name""#).var("name", name);
        host.must(forget, &format!("finish the restart of {name}")).await?;
    }
    finished(host, planned).await
}

/// The arguments for the files to write and to give back, and the contents of the former.
fn files(name: &str, prior: &Value, planned: &Value) -> (Vec<String>, Vec<u8>) {
    let all = |object: &Value| {
        let unit = texts(object, "unit").into_iter().map(|(_, text)| (unit_path(name), text));
        let drop_ins =
            texts(object, "drop_ins").into_iter().map(|(key, text)| (drop_in_path(name, &key), text));
        unit.chain(drop_ins).collect::<Vec<_>>()
    };
    let (mut arguments, mut input) = (Vec::new(), Vec::new());
    let wanted = all(planned);
    for (path, _) in all(prior).iter().filter(|(path, _)| !wanted.iter().any(|(wanted, _)| wanted == path)) {
        arguments.extend([format!("-{path}"), paths::key(path)]);
    }
    for (path, text) in &wanted {
        let (key, sha) = (paths::key(path), digest(text.as_bytes()));
        arguments.extend([format!("+{path}"), key, sha, text.len().to_string()]);
        input.extend_from_slice(text.as_bytes());
    }
    (arguments, input)
}

/// Whether named inputs changed, or an earlier restart is to be finished.
fn act(prior: &Value, planned: &Value) -> &'static str {
    let changed = |name: &str| {
        !prior.is_null()
            && !prior.is_unset(name)
            && !planned.is_unset(name)
            && prior.attr(name) != planned.attr(name)
    };
    if changed("restart_on") {
        "restart"
    } else if changed("reload_on") {
        "reload"
    } else {
        ""
    }
}

/// Whether a restart was asked for that is not known to have ended well.
async fn pending(host: &Host, name: &str) -> Result<bool> {
    let script = Script::read(r#"[ -e "/run/groma/service/$name" ] && echo 1; :"#).var("name", name);
    Ok(!host.must(script, &format!("look at {name}")).await?.stdout.is_empty())
}

async fn check_health(context: &Context, host: &Host, name: &str, health: &Value) -> Result<()> {
    let time =
        |name: &str, default| health.text(name).and_then(duration).unwrap_or(Duration::from_secs(default));
    let (timeout, interval) = (time("timeout", 60), time("interval", 1));
    let command = health.text("command").unwrap_or_default();
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = left.as_secs().max(1);
        let script = Script::change(HEALTH)
            .var("limit", limit.to_string())
            .timeout(Duration::from_secs(limit + 30))
            .input(command.as_bytes());
        let begun = Instant::now();
        let output = host.run(script).await?;
        if output.is_ok() {
            return Ok(());
        }
        let over = Instant::now() + interval >= deadline;
        if over || !context.pause(interval).await {
            let said = output.text();
            let said = match (said.trim(), output.status) {
                ("", 124) => format!("its last try was ended after {} s", begun.elapsed().as_secs()),
                ("", status) => format!("it ended with status {status}"),
                (said, _) => format!("it said: {said}"),
            };
            let journal = host.run(Script::read(JOURNAL).var("name", name)).await?;
            let detail = format!(
                "On {}, the health command of {name} did not end well within {} s; {}.{}",
                host.name(),
                timeout.as_secs(),
                said.trim_end_matches('.'),
                log(&journal)
            );
            return Err(Failure::new("Service is not healthy", detail));
        }
    }
}

/// Reads what has become of it, and refuses what is not as planned.
async fn finished(host: &Host, planned: &Value) -> Result<Value> {
    let name = planned.text("name").unwrap_or_default();
    let read = seen::read_all(host, std::slice::from_ref(planned))
        .await
        .pop()
        .unwrap_or_else(|| Ok(planned.clone()))?;
    if read.is_null() {
        let detail = format!("On {}, the unit {name} was gone right after it was set up.", host.name());
        return Err(Failure::new("Service is gone", detail));
    }
    if planned.flag("enabled") == Some(true) && read.flag("enabled") == Some(false) {
        let detail = format!(
            "On {}, the unit {name} was enabled and is not: it has no [Install] section that says what starts it. Leave \
             enabled out, or add one to the unit or by a drop-in.",
            host.name()
        );
        return Err(Failure::new("Service cannot be enabled", detail));
    }
    Ok(read)
}

/// A script that ended with an error, with what systemd and the journal know.
fn failure(host: &Host, name: &str, doing: &str, output: &Output) -> Failure {
    let fields = output.fields();
    let Some(active) = fields.get("ActiveState") else {
        return Failure::script(host, &format!("{doing} the service {name}"), output);
    };
    let get = |name: &str| fields.get(name).unwrap_or("?");
    let said = output.errors();
    let reason = said.lines().last().unwrap_or("it failed");
    let status = match get("ExecMainStatus") {
        "" | "0" | "?" => String::new(),
        status => format!(", exit status {status}"),
    };
    let detail = format!(
        "On {}, groma could not {doing} the service {name}: {reason} ({active}, {}, result {}{status}).{}",
        host.name(),
        get("SubState"),
        get("Result"),
        log(output)
    );
    Failure::new("Service failed", detail)
}

/// The lines of the journal in an output.
fn log(output: &Output) -> String {
    let text = output.text();
    match text.split_once("log\n").map(|(_, log)| log.trim_end()) {
        Some(log) if !log.is_empty() => {
            let lines: Vec<String> = log.lines().map(|line| format!("\n  {line}")).collect();
            format!(" Its journal ends with:{}", lines.concat())
        }
        _ => String::new(),
    }
}

/// Puts the unit back as it was found.
pub(super) async fn remove(host: &Host, prior: &Value) -> Result<()> {
    let name = prior.text("name").unwrap_or_default();
    let drop_ins = texts(prior, "drop_ins").into_iter().map(|(key, _)| drop_in_path(name, &key));
    let script = Script::change(REMOVE)
        .args(drop_ins.flat_map(|path| [path.clone(), paths::key(&path)]))
        .var("name", name)
        .var("key", paths::key(&unit_path(name)))
        .var("own", if prior.is_unset("unit") { "" } else { "1" })
        .timeout(LONGEST);
    let output = host.run(script).await?;
    if output.is_ok() { Ok(()) } else { Err(failure(host, name, "remove", &output)) }
}
