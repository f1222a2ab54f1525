use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::contents::{Contents, Kind};
use crate::delivery::{self, ALGORITHMS, Brought, Delivery};
use crate::failure::{Failure, Result};
use crate::ownership::{self, Owned, Stat};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// `host_download`: a file that comes from a URL.
pub(crate) struct Download;

const PLACE: &str = r#"
found_real download "$key" "$R$p" || exit 1
if [ "$brought" = part ]; then
  settle "$part" "$to" "$mode" "$owner"
else
  own "$owner" "$to" && { [ -z "$mode" ] || chmod "$mode" "$to"; }
fi || exit 1
stat -L -c "%a %u %g %s %U %G -" -- "$R$p"
"#;

const REMOVE: &str = r#"
rm -f "$parts"*
found_restore_real download "$key" "$R$p"
"#;

#[async_trait]
impl Resource for Download {
    fn type_name(&self) -> &'static str {
        "host_download"
    }

    fn schema(&self) -> Schema {
        let url = Attribute::required(Type::String).described(
            "Where it is fetched from: https, http or file. What is in the place with the right digest is not fetched again.",
        );
        let block = Block::default()
            .described(
                "A file on a host that comes from a URL. It is verified on the host before it is put into place, whole or not at \
                 all; after a lost connection it is continued where it was cut off. What was there before is kept on the host and \
                 comes back when the resource is destroyed.",
            )
            .with("path", Attribute::required(Type::String).described("The absolute path. Its folder must exist."))
            .with("size", Attribute::computed(Type::Number).described("The file's size in bytes."));
        Schema::new(0, ownership::with_attributes(delivery::with_attributes(block, url), "the file", "0644"))
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn revised_by(&self) -> &'static [&'static str] {
        &ALGORITHMS
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        diagnostics.extend(delivery::validate(config));
        diagnostics.extend(ownership::validate(config));
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if !plan.is_creation() && plan.changes(&ALGORITHMS) {
            plan.set_unknown("size");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let looks = ALGORITHMS.into_iter().map(|algorithm| look(host, algorithm, current));
        let looks = futures::future::join_all(looks).await;
        let reads = current.iter().map(|object| {
            let which = ALGORITHMS.iter().position(|name| *name == algorithm(object)).unwrap_or(0);
            let look = looks.get(which);
            async move {
                match look {
                    Some(Ok(found)) => seen(host, object, found).await,
                    Some(Err(failure)) => Err(failure.clone()),
                    None => Ok(object.clone()),
                }
            }
        });
        futures::future::join_all(reads).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let path = planned.text("path").unwrap_or_default();
        let delivery = Delivery::of(planned, path);
        let brought = delivery.bring(context, host).await?;
        let owned = Owned::of(planned);
        let script = delivery
            .script(PLACE)
            .var("brought", if brought == Brought::Part { "part" } else { "there" })
            .var("mode", owned.mode.as_deref().unwrap_or_default())
            .var("owner", owned.chown());
        let doing = format!("put the download into place at {path}");
        let output = host.must(script, &doing).await?;
        let text = output.text();
        let (_, stat) = Stat::parse(text.trim_end()).ok_or_else(|| Failure::script(host, &doing, &output))?;
        filled(host, planned, &stat).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        let script = Delivery::of(prior, path).script(REMOVE);
        host.must(script, &format!("remove the file {path}")).await.map(|_| ())
    }
}

/// What a file is verified by.
fn algorithm(object: &Value) -> &'static str {
    ALGORITHMS.into_iter().find(|name| !object.is_unset(name)).unwrap_or(ALGORITHMS[0])
}

/// What there is of the files that are verified by an algorithm.
async fn look(host: &Host, by: &'static str, current: &[Value]) -> Result<Contents> {
    let files = current.iter().filter(|object| algorithm(object) == by);
    let paths: Vec<&str> = files.map(|object| object.text("path").unwrap_or_default()).collect();
    Contents::look(host, Kind::Files(by), &paths).await
}

/// The object with what was found of it.
async fn seen(host: &Host, object: &Value, found: &Contents) -> Result<Value> {
    let path = object.text("path").unwrap_or_default();
    let Some((stat, digest)) = found.file(host, path)? else {
        return Ok(Value::null(object.ty()));
    };
    let seen =
        Owned::observed(host, object, stat).await?.onto(object).with_attr("size", Value::number(stat.size));
    let by = algorithm(object);
    let same = object.text(by).is_some_and(|known| known.eq_ignore_ascii_case(digest));
    Ok(if same { seen } else { seen.with_attr(by, Value::string(digest)) })
}

/// The planned file with what is known once it is in place.
async fn filled(host: &Host, planned: &Value, stat: &Stat) -> Result<Value> {
    let cleared = ownership::without_open(planned).unwrap_or_else(|| planned.clone());
    Ok(Owned::observed(host, &cleared, stat).await?.onto(planned).with_attr("size", Value::number(stat.size)))
}
