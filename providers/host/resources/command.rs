use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use sha2::{Digest, Sha256};
use value::{Path, Type, Value};

use crate::commands::{self, Command, OUTPUTS, Outcome};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_command`: whatever commands make, look at, change and remove.
pub(crate) struct HostCommand;

/// What an object was made with: when it changes, the object is made or changed again.
const MADE_WITH: [&str; 5] = ["create", "environment", "sensitive_environment", "working_dir", "run_as"];

/// The texts of commands.
const TEXTS: [&str; 4] = ["create", "read", "update", "delete"];

/// Exit statuses from here on say that a command was not run or was ended, and nothing of the object.
const NOT_RUN: i32 = 124;

/// How much of the last output commands get.
const MOST_GIVEN: usize = 100_000;

#[async_trait]
impl Resource for HostCommand {
    fn type_name(&self) -> &'static str {
        "host_command"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let block = Block::default()
            .described(
                "Whatever no other resource makes, by commands of `/bin/sh` on a host. A command may be run again after a lost \
                 connection, so it must be one that can. Its text and its environment are not in the host's process list. \
                 `update`, `read` and `delete` find what `stdout` was in the variable `GROMA_STDOUT`.",
            )
            .with(
                "name",
                Attribute::optional_computed(Type::String)
                    .described("What messages and imports call it; made of the text of `create` if not set. Importing runs nothing but `read`."),
            )
            .with("create", Attribute::required(Type::String).described("The command that makes the object."))
            .with(
                "read",
                text("The command that looks at the object, each time a plan is made. The object counts as gone when it ends with a \
                      code that is not one of `exit_codes`, and as changed when its standard output or exit code is not what it was after \
                      the object was made; then the object is updated, or replaced where there is no `update`."),
            )
            .with(
                "update",
                text("The command that changes the object when `create`, the environment, `working_dir` or `run_as` change, or when \
                      `read` says that the object has changed. The object is replaced if it is not set."),
            )
            .with("delete", text("The command that removes the object; nothing is run if it is not set."))
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String)).described("Any values whose change replaces the object."),
            )
            .with(
                "made_sha256",
                Attribute::computed(Type::String).described(
                    "SHA-256 of what `read` left after the object was made or updated: what tells changes that others make.",
                ),
            );
        Schema::new(
            0,
            commands::with_outputs(commands::with_attributes(block), "`read`, else of `create` or `update`"),
        )
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["name", "triggers"]
    }

    fn tells(&self, prior: &Value, planned: &Value) -> bool {
        let object = if planned.is_null() { prior } else { planned };
        (prior.is_null() || planned.is_null()) && object.text("read").is_some()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = commands::validate(config, &TEXTS);
        let bad = |name: &&str| name.is_empty() || name.contains(char::is_control);
        if let Some(name) = config.text("name").filter(bad) {
            let detail = format!("{name:?} is empty or has control characters in it.");
            diagnostics.push(attribute_error(&Path::from_attr("name"), "Invalid name", detail));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.diagnostics.extend(commands::refusal(&plan.planned).map(Diagnostics::from).unwrap_or_default());
        if plan.is_creation() {
            if let (true, Some(text)) = (plan.is_unset("name"), plan.planned.text("create")) {
                plan.set("name", Value::string(paths::key(text)));
            }
            return;
        }
        let again = is_to_run(&plan.prior, &plan.planned);
        if again && plan.planned.is_unset("update") {
            for name in MADE_WITH.into_iter().filter(|name| plan.changes(&[name])).collect::<Vec<_>>() {
                plan.replace(name);
            }
            if has_changed(&plan.prior) {
                plan.set_unknown("stdout");
                plan.replace("stdout");
            }
        }
        if again || is_to_read(&plan.prior, &plan.planned) {
            for name in OUTPUTS.into_iter().chain(["made_sha256"]) {
                plan.set_unknown(name);
            }
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let Some(command) = command("read", current, current) else {
            if host.connection().machine.is_some() {
                host.greeting().await?;
            }
            return Ok(current.clone());
        };
        let outcome = command.run(host, Script::read).await?;
        match outcome.expected {
            true if current.is_unset("made_sha256") => Ok(made(&outcome.onto(current))),
            true => Ok(outcome.onto(current)),
            false if outcome.status > NOT_RUN => Err(command.failed(host, &outcome)),
            false => Ok(Value::null(current.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let outcome = run("create", host, &Value::null(planned.ty()), planned).await?;
        finished(host, planned, outcome).await
    }

    /// What fails has not been done: it is as it was, so that the next plan does it again.
    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let update = async {
            let outcome = match is_to_run(prior, planned) {
                true => run("update", host, prior, planned).await?,
                false => None,
            };
            match is_known(planned) {
                true => Ok(planned.clone()),
                false => finished(host, planned, outcome).await,
            }
        };
        update.await.map_err(|failure: Failure| if failure.transient { failure } else { failure.untouched() })
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        run("delete", host, prior, prior).await.map(|_| ())
    }
}

/// Whether the object is to be changed: what it is made with differs, or it is not as it was left.
fn is_to_run(prior: &Value, planned: &Value) -> bool {
    let differs = |name: &str| prior.attr(name) != planned.attr(name);
    // An object that was imported is taken as it is.
    !prior.is_unset("create") && (MADE_WITH.into_iter().any(differs) || has_changed(prior))
}

/// Whether its output is to be read again, with nothing else to do.
fn is_to_read(prior: &Value, planned: &Value) -> bool {
    prior.is_unset("create") || prior.attr("read") != planned.attr("read")
}

fn is_known(planned: &Value) -> bool {
    OUTPUTS.iter().all(|name| planned.attr(name).is_none_or(Value::is_known))
}

/// Whether `read` said something else than after the object was made.
fn has_changed(object: &Value) -> bool {
    !object.is_unset("read") && object.text("made_sha256").is_some_and(|made| made != digest(object))
}

fn digest(object: &Value) -> String {
    let text =
        format!("{} {}", object.int("exit_code").unwrap_or(-1), object.text("stdout").unwrap_or_default());
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The object, said to be as it is meant to be.
fn made(object: &Value) -> Value {
    let digest = match object.is_unset("read") {
        true => Value::null(Type::String),
        false => Value::string(digest(object)),
    };
    object.with_attr("made_sha256", digest)
}

/// One of the commands of an object, if it has it; `known` says what was there before.
fn command(which: &str, known: &Value, object: &Value) -> Option<Command> {
    let name = object.text("name").unwrap_or_default();
    let command = Command::new(format!("the {which} command of {name}"), object.text(which)?, object);
    match known.text("stdout").filter(|stdout| stdout.len() <= MOST_GIVEN) {
        Some(stdout) => Some(command.with("GROMA_STDOUT", stdout)),
        None => Some(command),
    }
}

async fn run(which: &str, host: &Host, known: &Value, object: &Value) -> Result<Option<Outcome>> {
    if let Some(refusal) = commands::refusal(object) {
        return Err(Failure::attribute("host", refusal.summary, refusal.detail));
    }
    match command(which, known, object) {
        Some(command) => command.must(host, Script::change).await.map(Some),
        None => Ok(None),
    }
}

/// The planned object with what `read` says of it, or else with what the command left that was run.
async fn finished(host: &Host, planned: &Value, outcome: Option<Outcome>) -> Result<Value> {
    let known = match &outcome {
        Some(outcome) => outcome.onto(planned),
        None => OUTPUTS.into_iter().fold(planned.clone(), |object, name| {
            let ty = planned.attr(name).map_or(Type::Dynamic, Value::ty);
            object.with_attr(name, Value::null(ty))
        }),
    };
    match command("read", &known, planned) {
        Some(command) => Ok(made(&command.must(host, Script::read).await?.onto(planned))),
        None => Ok(made(&known)),
    }
}
