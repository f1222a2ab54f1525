use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema};
use sha2::{Digest, Sha256};
use value::{Type, Value};

use crate::failure::{Failure, Result};
use crate::ownership::{Owned, Stat};
use crate::paths;
use crate::resource::Data;
use crate::session::{Host, Script};

/// `data.host_file`: a file as it is.
pub(crate) struct FileData;

/// A line of `stat`, then the content.
const READ: &str = r#"
[ -e "$R$p" ] || die "there is no such file"
[ -f "$R$p" ] || die "it is no regular file"
s=$(stat -L -c "%a %u %g %s %U %G -" -- "$R$p") || exit 1
set -- $s
[ "$4" -le "$most" ] || die "it is larger than $((most >> 20)) MiB, too large for a value"
printf '%s\n' "$s"
cat -- "$R$p"
"#;

/// What fits into a state.
const MOST: u64 = 16 << 20;

#[async_trait]
impl Data for FileData {
    fn type_name(&self) -> &'static str {
        "host_file"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::computed(Type::String).described(description);
        let block = Block::default()
            .described("A file that is on a host, of at most 16 MiB.")
            .with(
                "path",
                Attribute::required(Type::String).described("The absolute path; a link is followed."),
            )
            .with("content", text("The content as text; null if it is not UTF-8."))
            .with("content_base64", text("The content in base64."))
            .with("content_sha256", text("SHA-256 of the content in hexadecimal digits."))
            .with("size", Attribute::computed(Type::Number).described("The content's size in bytes."))
            .with("mode", text("The permission bits in four octal digits."))
            .with(
                "owner",
                text("The name of the user that it belongs to, or the number of one without a name."),
            )
            .with(
                "group",
                text("The name of the group that it belongs to, or the number of one without a name."),
            );
        Schema::new(0, block)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        paths::validate(config, "path")
    }

    async fn read(&self, host: &Host, config: &Value) -> Result<Value> {
        let path = config.text("path").unwrap_or_default();
        let script = Script::read(READ).var("p", path).var("most", MOST.to_string());
        let output = host.must(script, &format!("read the file {path}")).await?;
        let changed = || {
            Failure::new(
                "File changed while it was read",
                format!("On {}, {path} changed while it was read. Try again.", host.name()),
            )
        };
        let end = output.stdout.iter().position(|byte| *byte == b'\n').ok_or_else(changed)?;
        let (line, content) = output.stdout.split_at(end);
        let content = content.get(1..).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let (_, stat) = Stat::parse(&line).ok_or_else(changed)?;
        if usize::try_from(stat.size) != Ok(content.len()) {
            return Err(changed());
        }
        let nobody = ["mode", "owner", "group"]
            .into_iter()
            .fold(config.clone(), |object, name| object.with_attr(name, Value::null(Type::String)));
        let text = match std::str::from_utf8(content) {
            Ok(text) => Value::string_nfc(text),
            Err(_) => Value::null(Type::String),
        };
        let digest: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Owned::observed(host, &nobody, &stat)
            .await?
            .onto(&nobody)
            .with_attr("content", text)
            .with_attr("content_base64", Value::string(STANDARD.encode(content)))
            .with_attr("content_sha256", Value::string(digest))
            .with_attr("size", Value::number(stat.size)))
    }
}
