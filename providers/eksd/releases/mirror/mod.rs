//! `eksd_mirror`: a release, or part of one, in a folder that is laid out as the official site.

mod copy;
mod images;
mod look;
mod parts;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use self::copy::Copier;
pub(crate) use self::images::archive;
use self::images::{Registries, layout_path};
use self::look::Seen;
use self::parts::{Choice, Origin};
use super::attributes::{validate, with_lock, with_source};
use super::data::checked;
use super::error::Result;
use super::lock::LockFile;
use super::outputs::text;
use super::site::{Site, release_path};

/// The resource.
pub(super) struct Mirror;

#[async_trait]
impl Resource for Mirror {
    fn type_name(&self) -> &'static str {
        "eksd_mirror"
    }

    fn schema(&self) -> Schema {
        let computed = |ty: Type, text: &str| Attribute::computed(ty).described(text);
        let chosen = |text: &str| Attribute::optional(Type::set(Type::String)).described(text);
        let block = Block::default()
            .described("A copy of a release in a folder of the machine that groma runs on, laid out as the official site, so that a web server of that folder is a `source`. Every file is verified by the digests of the manifest, which is copied to the letter. Images come as archives (`.tar`) where the release has some; with `images`, all others are pulled from their registries by digest.")
            .with("number", Attribute::required(Type::Number).described("The release's number in the channel."))
            .with("directory", Attribute::required(Type::String).described("The folder; it is made if it is missing. Several releases can share one."))
            .with("components", chosen("Only these components, such as `kubernetes` and `etcd`; all if not set."))
            .with("assets", chosen("Only assets of these names, such as `bin/linux/amd64/kubelet`; all if not set."))
            .with("os", chosen("Only files for these operating systems; all if not set. What is for none is copied only then."))
            .with("arch", chosen("Only files for these architectures; all if not set. What is for none is copied only then."))
            .with("images", Attribute::optional(Type::Bool).described("Whether images that are in registries are copied as well, chosen as files are: into an OCI layout in `kubernetes-CHANNEL/releases/NUMBER/images`, each manifest and layer verified by its digest."))
            .with("registries", Attribute::optional(Type::map(Type::String)).described("Where registries are instead of at their names: `{ \"public.ecr.aws\" = \"https://registry.example\" }`. What they give is verified all the same."))
            .with("id", computed(Type::String, "The release: `v1-34-eks-21`."))
            .with("manifest_sha256", computed(Type::String, "The SHA-256 of the manifest."))
            .with("files", computed(Type::map(Type::String), "The SHA-256 of each file that is there, by its path in the folder; as found, so that a file that was changed by hand shows."))
            .with("layout", computed(Type::String, "The folder of the OCI layout, for `layout` of `eksd_image`; null without `images`."))
            .with("complete", computed(Type::Bool, "Whether all files are there and as the manifest says. What is missing or wrong is copied again."));
        Schema::new(0, with_lock(with_source(block)))
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["channel", "number", "directory"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate(config);
        if config.text("directory") == Some("") {
            let detail = "The directory must not be empty: give a folder, such as \"mirror\".";
            diagnostics.push(attribute_error(&Path::from_attr("directory"), "Invalid directory", detail));
        }
        for (name, place) in registries(config) {
            if let Err(reason) = is_place(&place) {
                let detail = format!("The place {place:?} of {name} cannot be used: {reason}.");
                diagnostics.push(attribute_error(&Path::from_attr("registries"), "Invalid registry", detail));
            }
        }
        for name in parts::CHOICES {
            let empty =
                config.attr(name).is_some_and(|chosen| chosen.items().is_some_and(<[Value]>::is_empty));
            if empty {
                let detail = format!("The set {name} chooses nothing; leave it out to choose all.");
                diagnostics.push(attribute_error(&Path::from_attr(name), "Nothing to mirror", detail));
            }
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.set("complete", Value::bool(true));
        plan.set("layout", layout(&plan.planned));
        let incomplete = plan.prior.flag("complete") != Some(true);
        if !plan.is_creation() && (incomplete || plan.changes(&parts::CHOICES) || plan.changes(&["images"])) {
            plan.set_unknown("files");
        }
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        Ok(mirror(context, planned).await?)
    }

    /// Looks at every file: gone when none is left.
    async fn read(&self, context: &Context, current: &Value) -> Outcome {
        let seen = look::at(folder(context, current), current.clone()).await?;
        Ok(match seen.is_nothing() {
            true => Value::null(current.ty()),
            false => with_seen(current, &seen),
        })
    }

    async fn update(&self, context: &Context, prior: &Value, planned: &Value, _config: &Value) -> Outcome {
        let state = mirror(context, planned).await?;
        let stale = files_of(prior).into_iter().filter(|path| !at_path(&state, path)).collect();
        copy::remove(folder(context, planned), stale).await?;
        Ok(state)
    }

    async fn delete(&self, context: &Context, prior: &Value) -> std::result::Result<(), Diagnostics> {
        let folder = folder(context, prior);
        let mut files = files_of(prior);
        if let Some(id) = parts::release_id(prior) {
            let expected = look::expected(&folder, prior);
            files.extend(expected.into_iter().flatten().map(|file| file.path));
            files.insert(release_path(id));
        }
        copy::remove(folder.clone(), files.into_iter().collect()).await?;
        if let Some(id) = parts::release_id(prior) {
            copy::announce(folder, id.channel).await?;
        }
        Ok(())
    }

    async fn import(&self, _context: &Context, _id: &str) -> Outcome {
        let detail = "A mirror cannot be imported: write its resource and apply; files that are there and right are taken as they are.";
        Err(Diagnostic::error("Resource Import Not Implemented", detail).into())
    }
}

/// Copies what is missing, and says what is there.
async fn mirror(context: &Context, planned: &Value) -> Result<Value> {
    let site = Site::of(&context.environment, planned)?;
    let lock = LockFile::of(&context.environment, planned);
    let found = checked(&site, &lock, planned).await?;
    let choice = Choice::of(planned);
    let mut wanted = choice.files(&found.release)?;
    let registries = Registries {
        environment: &context.environment,
        authorities: planned.text("ca_certificates"),
        places: registries(planned).into_iter().collect(),
        logins: tokio::sync::Mutex::default(),
    };
    wanted.extend(choice.images(&found.release)?.resolve(&registries).await?);
    let folder = folder(context, planned);
    let copier = Copier { context, site: &site, registries: &registries, folder: folder.clone() };
    let (texts, files): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|file| matches!(file.origin, Origin::Text(_)));
    copier.copy_all(&files).await?;
    // They say that all is there.
    copier.copy_all(&texts).await?;
    copier.finish(found.release.id, &found.text).await?;
    let known = with(
        planned,
        [
            ("id", Value::string(found.release.id.to_string())),
            ("manifest_sha256", Value::string(found.digest)),
        ],
    );
    let seen = look::at(folder, known.clone()).await?;
    Ok(with_seen(&known, &seen))
}

/// Where the images are, from the working folder or the root.
fn layout(object: &Value) -> Value {
    let known = ["channel", "number", "directory", "images"]
        .map(|name| object.attr(name).is_some_and(Value::is_known));
    if known.contains(&false) {
        return Value::unknown(Type::String);
    }
    let id = parts::release_id(object).filter(|_| object.flag("images") == Some(true));
    let path = id.map(|id| {
        format!("{}/{}", object.text("directory").unwrap_or_default().trim_end_matches('/'), layout_path(id))
    });
    text(path.as_ref())
}

/// Registries, and where they are.
fn registries(object: &Value) -> Vec<(String, String)> {
    let all = object.attr("registries").and_then(Value::entries).into_iter().flat_map(Entries::iter);
    all.filter_map(|(name, place)| Some((name.to_string(), place.as_str()?.to_string()))).collect()
}

fn is_place(text: &str) -> std::result::Result<(), String> {
    let url = url::Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its scheme {:?} is neither https nor http", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a log-in would get into the state".into());
    }
    match url.query().or(url.fragment()) {
        Some(_) => Err("paths are put after it, which goes with neither ? nor #".into()),
        None => Ok(()),
    }
}

fn with_seen(object: &Value, seen: &Seen) -> Value {
    let files: Entries =
        seen.files.iter().map(|(path, digest)| (path.as_str(), Value::string_nfc(digest))).collect();
    with(object, [("files", Value::map(Type::String, files)), ("complete", Value::bool(seen.complete))])
}

fn folder(context: &Context, object: &Value) -> PathBuf {
    context.environment.working_dir.join(object.text("directory").unwrap_or_default())
}

/// The paths of the files that an object has.
fn files_of(object: &Value) -> std::collections::BTreeSet<String> {
    let files = object.attr("files").and_then(Value::entries);
    files.map(|files| files.keys().map(|path| path.as_str().to_owned()).collect()).unwrap_or_default()
}

fn at_path(object: &Value, path: &str) -> bool {
    object.attr("files").and_then(Value::entries).is_some_and(|files| files.contains(path))
}
