//! What all components have in common: programs verified and switched as one, a unit with one flag a line, configuration
//! files, and a change that ends only once the component is well.
//!
//! A component says what is its own ([`Component`]: its flags as a table, its files, what its health is); [`Managed`] makes a
//! resource of it. All that tells how it is to be is on the host, so that what is read is what is there: its unit holds
//! also what groma knows of it, in a section that systemd ignores.

mod binary;
mod change;
mod extra;
mod health;
mod look;
mod names;
mod schema;
mod setting;
mod shape;
mod text;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Block, Schema};
use provider_host::kit::{Context, Host, Resource, Result, Way};
use value::{Type, Value};

pub use binary::{architecture, bring, digest, for_host, source};
pub use change::{borrow, make, remove, take_away};
pub use health::Health;
pub use look::{observe, seen_of};
pub use names::Names;
pub use schema::{check_downloads, check_marks, downloads, wrong};
pub use setting::{Default, Setting, spelled};
pub use shape::{File, Folder};

/// A component of a cluster that runs as a systemd unit.
#[async_trait]
pub trait Component: Send + Sync + 'static {
    /// What it is called on hosts: `kube-apiserver`.
    fn name(&self) -> &'static str;

    fn type_name(&self) -> &'static str;

    /// Markdown.
    fn description(&self) -> &'static str;

    /// The files that its download holds; the first is what runs. Those that are not in an archive are left out.
    fn programs(&self) -> &'static [&'static str];

    fn settings(&self) -> &'static [Setting];

    /// Adds attributes that are neither flags nor fields.
    fn extend(&self, block: Block) -> Block {
        block
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["cluster", "node"]
    }

    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn plan(&self, _plan: &mut Plan) {}

    /// Flags that follow from other attributes.
    fn derived(&self, _object: &Value) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Settings of the unit besides those that all have: section, name, value.
    fn options(&self, _object: &Value) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }

    /// Variables that it always runs with.
    fn environment(&self, _object: &Value) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What the configuration file begins with, and the attribute that names its path; the fields of the table are added.
    fn config(&self) -> Option<Config> {
        None
    }

    /// Its other files.
    fn files(&self, _object: &Value) -> Vec<File> {
        Vec::new()
    }

    fn folders(&self, _object: &Value) -> Vec<Folder> {
        Vec::new()
    }

    /// Sh that ends well when the component is well, and says otherwise what is wrong.
    fn health(&self, object: &Value) -> String;

    /// Sh whose output reading hands to [`Component::seen`]; nothing on hosts that are folders.
    fn look(&self, _object: &Value) -> Option<String> {
        None
    }

    /// What is left of the object when its host is gone for good: nothing, unless others know of it.
    fn left_of(&self, object: &Value) -> Value {
        Value::null(object.ty())
    }

    /// The object with what [`Component::look`] printed; nothing where it did not run.
    fn seen(&self, object: Value, _said: &str) -> Value {
        object
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value>
    where
        Self: Sized,
    {
        make(self, context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value>
    where
        Self: Sized,
    {
        make(self, context, host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()>
    where
        Self: Sized,
    {
        remove(self, host, prior).await
    }
}

/// The configuration file of a component, which is written as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The attribute with its path; the flag of the same name gives it to the component.
    pub path: &'static str,
    pub api_version: &'static str,
    pub kind: &'static str,
}

/// Whether what is to be installed is what the host has, as after an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Installed {
    /// By the same digest.
    Same,
    /// By another one: a program by itself is told by its own.
    OtherDigest,
    No,
}

impl Installed {
    fn of(plan: &Plan) -> Self {
        if plan.planned.is_unset("binary") {
            return Self::Same;
        }
        let files = plan.planned.attr("binary").and_then(Value::entries);
        let files: Vec<&Value> =
            files.into_iter().flat_map(value::Entries::iter).map(|(_, file)| file).collect();
        let (source, program) = (plan.prior.text("binary_source"), plan.prior.text("binary_sha256"));
        if source.is_some_and(|source| files.iter().any(|file| digest(file).1 == source)) {
            return Self::Same;
        }
        let is_program = |file: &&&Value| {
            program.is_some() && file.text("sha256").map(str::to_ascii_lowercase).as_deref() == program
        };
        if files.iter().any(|file| is_program(&file)) { Self::OtherDigest } else { Self::No }
    }
}

/// A component as a resource.
pub struct Managed<C>(pub C);

/// Whether nothing runs there: a folder that stands for a host.
pub fn is_folder(host: &Host) -> bool {
    matches!(host.connection().way, Way::Root(_))
}

#[async_trait]
impl<C: Component> Resource for Managed<C> {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        Schema::new(0, schema::block(&self.0))
    }

    /// A host has one of each.
    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        self.0.replaced_by()
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        schema::defaults(&self.0)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = schema::validate(&self.0, config);
        diagnostics.extend(self.0.validate(&extra::applied(&self.0, config, config)));
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.planned = extra::applied(&self.0, &plan.config, &plan.planned);
        let installed = match plan.changes(&["binary"]) {
            true => Installed::of(plan),
            false => Installed::Same,
        };
        let anew = plan.changes(&["version"]) || plan.prior.flag("binary_replaced") == Some(true);
        if anew || installed != Installed::Same {
            plan.set_unknown("binary_source");
        }
        // What is brought under the same version is another program: it is not known before, and what runs restarts.
        if anew || installed == Installed::No {
            plan.set_unknown("binary_sha256");
        }
        plan.set("binary_replaced", Value::bool(false));
        plan.set("restart_pending", Value::bool(false));
        plan.set("out_of_place", Value::list(Type::String, Vec::new()));
        self.0.plan(plan);
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        observe(&self.0, host, current).await
    }

    fn left_of(&self, current: &Value) -> Value {
        self.0.left_of(current)
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.0.create(context, host, planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        self.0.update(context, host, prior, planned).await
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        self.0.delete(context, host, prior).await
    }
}
