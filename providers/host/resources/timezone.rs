use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::failure::{Failure, Result};
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Fields, Host, Script};

/// `host_timezone`: the time zone of a host.
pub(crate) struct Timezone;

/// A file of its own in place of the link counts as the zone that it is a copy of, if `/etc/timezone` says which.
const LOOK: &str = r#"
[ -e "$R/etc/localtime" ] || [ -L "$R/etc/localtime" ] || exit 0
text=$(head -n 1 "$R/etc/timezone" 2>/dev/null)
if [ -L "$R/etc/localtime" ]; then
  printf 'link=%s\n' "$(readlink "$R/etc/localtime")"
elif cmp -s "$R/etc/localtime" "$R/usr/share/zoneinfo/$text"; then
  printf 'link=%s\n' "$text"
else
  echo 'link=(a file of its own)'
fi
printf 'text=%s\n' "$text"
"#;

/// 3: there is no such zone.
const PUT: &str = r#"
zones=$R/usr/share/zoneinfo
if [ -d "$zones" ]; then
  [ -f "$zones/$zone" ] || { printf '%s\n' "the host knows no time zone $zone (\`timedatectl list-timezones\` lists those it knows)" >&2; exit 3; }
elif [ -z "$R" ]; then
  echo 'the host knows no time zones: install the package tzdata first (host_package)' >&2; exit 3
fi
alone
within /etc
[ -d "$R/etc" ] || mkdir -p "$R/etc" || exit 1
found_path timezone localtime "$R/etc/localtime" || exit 1
if [ "$(readlink "$R/etc/localtime")" != "../usr/share/zoneinfo/$zone" ]; then
  drop_unfinished "$R/etc/.localtime"
  ln -s "../usr/share/zoneinfo/$zone" "$R/etc/.localtime.groma-new-$$" && mv -f "$R/etc/.localtime.groma-new-$$" "$R/etc/localtime" || exit 1
fi
if [ -e "$R/etc/timezone" ] || [ -e "$R/etc/debian_version" ]; then
  found_path timezone timezone "$R/etc/timezone" || exit 1
  export zone
  edit_lines "$R/etc/timezone" 'END { count = 0; keep(ENVIRON["zone"]) }'
fi
"#;

const REMOVE: &str = r#"
alone
for name in localtime timezone; do
  if found_known timezone $name; then found_restore timezone $name "$R/etc/$name" || exit 1; fi
done
"#;

#[async_trait]
impl Resource for Timezone {
    fn type_name(&self) -> &'static str {
        "host_timezone"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "The time zone of a host: the link `/etc/localtime`, and `/etc/timezone` where the host has it or is a Debian. A \
                 host has one of it. Programs that run already learn of it when they are restarted. When the resource is \
                 destroyed, the zone from before comes back.",
            )
            .with(
                "zone",
                Attribute::required(Type::String).described(
                    "The zone's name, such as \"Etc/UTC\" or \"Europe/Berlin\"; the host must know it (`/usr/share/zoneinfo`).",
                ),
            );
        Schema::new(0, block)
    }

    /// There is one on each host.
    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c))
        };
        match config.text("zone").filter(|text| !text.split('/').all(part)) {
            Some(text) => {
                let detail = format!("{text:?} is no name of a time zone, such as \"Europe/Berlin\".");
                attribute_error(&Path::from_attr("zone"), "Invalid time zone", detail).into()
            }
            None => Diagnostics::new(),
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let fields = host.must(Script::read(LOOK), "read the host's time zone").await?.fields();
        Ok(seen(current, &fields))
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        match is_recorded(host, "timezone", "localtime").await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let zone = planned.text("zone").unwrap_or_default();
        let output = host.run(Script::change(PUT).var("zone", zone)).await?;
        match output.status {
            0 => Ok(planned.clone()),
            3 => {
                let detail = format!("On {}, {}.", host.name(), output.errors());
                Err(Failure::attribute("zone", "Unknown time zone", detail))
            }
            _ => Err(Failure::script(host, &format!("set the time zone {zone}"), &output)),
        }
    }

    async fn delete(&self, _context: &Context, host: &Host, _prior: &Value) -> Result<()> {
        host.must(Script::change(REMOVE), "give the host its time zone back").await.map(|_| ())
    }
}

/// Of what the link and `/etc/timezone` say, what is shown is that which is not as it is known.
fn seen(current: &Value, fields: &Fields) -> Value {
    let Some(link) = fields.text("link") else { return Value::null(current.ty()) };
    let linked = link.split_once("zoneinfo/").map_or(link, |(_, zone)| zone);
    let zone = match fields.text("text") {
        Some(text) if current.text("zone") == Some(linked) => text,
        _ => linked,
    };
    current.with_attr("zone", Value::string_nfc(zone))
}
