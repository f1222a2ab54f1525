mod installed;

use std::time::Duration;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::installed::Installed;
use crate::failure::{Failure, Result};
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_package`: a package of the host's own package manager.
pub struct Package;

const LOOK: &str = concat!(include_str!("package/lib.sh"), include_str!("package/look.sh"));

const CHANGE: &str = concat!(
    include_str!("package/lib.sh"),
    include_str!("package/apt.sh"),
    include_str!("package/rpm.sh"),
    include_str!("package/apk.sh"),
    include_str!("package/list.sh"),
    include_str!("package/change.sh")
);

/// How long an installation may take, with waiting for others that install.
const LONGEST: Duration = Duration::from_mins(25);

#[async_trait]
impl Resource for Package {
    fn type_name(&self) -> &'static str {
        "host_package"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A package of the host's package manager: apt, dnf, zypper or apk. The list of packages is fetched when it is \
                 older than an hour or does not have the package, and the locks of others that install are waited for. A \
                 package that was there before stays when the resource is destroyed; one that was not is removed with what \
                 came with it, unless others need it. Under `root:FOLDER` nothing is installed: packages are listed in \
                 `/var/lib/groma/packages` (lines of `NAME` or `NAME=VERSION`) and `/var/lib/groma/held-packages`, for who makes \
                 an image of the folder.",
            )
            .with("name", Attribute::required(Type::String).described("The package's name."))
            .with("version", Attribute::optional_computed(Type::String).described("The exact version, as the package manager writes it (`1.31.2-1.1`); for dnf and zypper also without release and epoch. Left as it is if not set: any version will do. A lower one than the installed is installed only because it is named here."))
            .with("hold", Attribute::optional_computed(Type::Bool).described("Whether the version stays when others are upgraded (`apt-mark hold`, dnf's `versionlock`, `zypper addlock`, a version in apk's `world`). groma itself still follows `version`. Left as it is if not set."))
            .with("purge", Attribute::optional(Type::Bool).described("Whether destroying the resource also removes the package's configuration files and what its purge script removes, where the package was not there before; `true` if not set. Only apt and apk make the difference."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid package", detail));
        };
        if let Some(name) = config.text("name").filter(|name| !is_plain(name, "+.:_-")) {
            wrong("name", format!("{name:?} is no name of a package."));
        }
        match config.text("version") {
            Some("latest" | "present" | "installed") => wrong(
                "version",
                "It is an exact version. What is latest changes by itself, so that a plan would not say what it does: name a \
                 version, or leave it out to take any."
                    .into(),
            ),
            Some(version) if !is_plain(version, "+.:_~^-") => {
                wrong("version", format!("{version:?} is no version of a package."));
            }
            _ => {}
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let names = current.iter().map(|object| object.text("name").unwrap_or_default());
        match host.must(Script::read(LOOK).args(names), "look at the installed packages").await {
            Ok(output) => {
                let installed = Installed::parse(&output.text());
                current.iter().map(|object| Ok(installed.observed(object))).collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let name = planned.text("name").unwrap_or_default();
        let changed = |name: &str| prior.is_null() || prior.attr(name) != planned.attr(name);
        let version = planned.text("version").filter(|_| changed("version")).unwrap_or_default();
        let hold = planned.flag("hold").filter(|_| changed("hold")).map(|hold| hold.to_string());
        let script = Script::change(CHANGE)
            .args([""; 0])
            .var("name", name)
            .var("version", version)
            .var("hold", hold.unwrap_or_default())
            .timeout(LONGEST);
        host.must(script, &format!("install the package {name}")).await?;
        let read = self.read(host, planned).await?;
        if read.is_null() {
            let detail =
                format!("On {}, the package {name} was gone right after it was installed.", host.name());
            return Err(Failure::new("Package is gone", detail));
        }
        Ok(read)
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let name = prior.text("name").unwrap_or_default();
        let script = Script::change(CHANGE)
            .args(["remove"])
            .var("name", name)
            .var("version", "")
            .var("purge", prior.flag("purge").unwrap_or(true).to_string())
            .timeout(LONGEST);
        let output = host.must(script, &format!("remove the package {name}")).await?;
        let fields = output.fields();
        let others: Vec<&str> = fields.all("needed-by").collect();
        if !others.is_empty() {
            host.warn(stays(host, name, &others));
        }
        Ok(())
    }
}

/// Says that others need a package that was to be removed.
fn stays(host: &Host, name: &str, others: &[&str]) -> Diagnostic {
    let detail = format!(
        "On {}, the package {name} stays, as others that were installed since need it: {}. It is marked as one that is there for them, \
         so that the package manager can remove it once they go.",
        host.name(),
        others.join(", ")
    );
    Diagnostic::warning("Package stays", detail)
}

/// Letters, digits and some marks, of which none is first: nothing that a package manager could take for something else.
fn is_plain(text: &str, marks: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 200
        && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

#[cfg(test)]
mod tests;
