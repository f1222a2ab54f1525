use std::path::PathBuf;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Resource};
use provider::{Attribute, Block, RecoverRequest, RecoverResponse, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::content::{filled, sha1_hex, with_hashes};
use crate::file::{self, Modes, parse_mode};

/// `local_file` and `local_sensitive_file`.
pub(crate) struct LocalFile {
    type_name: &'static str,
    description: &'static str,
    /// What the content may come from; exactly one is set.
    sources: &'static [&'static str],
    default_mode: &'static str,
    sensitive: bool,
}

impl LocalFile {
    pub(crate) const PLAIN: Self = Self {
        type_name: "local_file",
        description: "A file on the machine that groma runs on, with a content that may be shown.",
        sources: &["content", "sensitive_content", "content_base64", "source"],
        default_mode: "0777",
        sensitive: false,
    };

    pub(crate) const SENSITIVE: Self = Self {
        type_name: "local_sensitive_file",
        description: "A file on the machine that groma runs on, with a content that is never shown.",
        sources: &["content", "content_base64", "source"],
        default_mode: "0700",
        sensitive: true,
    };
}

const MODES: [&str; 2] = ["file_permission", "directory_permission"];

#[async_trait]
impl Resource for LocalFile {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        let content = |text: &str| {
            let attribute = Attribute::optional(Type::String).described(text);
            if self.sensitive { attribute.sensitive() } else { attribute }
        };
        let mode = |what: &str| {
            let default = self.default_mode;
            Attribute::optional_computed(Type::String)
                .described(format!("Permissions of {what}, in three or four octal digits, before the umask; {default} if not set."))
        };
        let mut block = with_hashes(Block::default().described(self.description))
            .with(
                "filename",
                Attribute::required(Type::String).described("The file's path. Missing folders are made."),
            )
            .with("content", content("The content as text. Exactly one of the contents and `source` is set."))
            .with("content_base64", content("The content in base64."))
            .with("source", Attribute::optional(Type::String).described("The path of a file to copy."))
            .with("file_permission", mode("the file"))
            .with("directory_permission", mode("folders that are made"));
        if !self.sensitive {
            let old = "The content as text that is not shown; use `local_sensitive_file`.";
            block = block.with(
                "sensitive_content",
                Attribute::optional(Type::String).sensitive().deprecated().described(old),
            );
        }
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &[
            "content",
            "content_base64",
            "directory_permission",
            "file_permission",
            "filename",
            "sensitive_content",
            "source",
        ]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        MODES.map(|name| (name, Value::string(self.default_mode))).to_vec()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let set = self.sources.iter().filter(|name| !config.is_unset(name)).count();
        let known = self.sources.iter().all(|name| config.attr(name).is_none_or(Value::is_known));
        if set == 0 || (set > 1 && known) {
            let names = self.sources.join(",");
            let found = if set == 0 {
                "No attribute specified when one"
            } else {
                "More than one attribute specified when one"
            };
            let detail = format!("{found} (and only one) of [{names}] is required");
            diagnostics.push(attribute_error(
                &Path::from_attr("content"),
                "Invalid Attribute Combination",
                detail,
            ));
        }
        for name in MODES {
            if let Some(text) = config.text(name).filter(|text| parse_mode(text).is_none()) {
                let detail =
                    format!("Bad mode {text:?}: it must be three or four octal digits, such as \"0644\".");
                diagnostics.push(attribute_error(
                    &Path::from_attr(name),
                    "Invalid File Permission String Value",
                    detail,
                ));
            }
        }
        if config.text("content_base64").is_some_and(|text| STANDARD.decode(text).is_err()) {
            let detail = "The value is not base64.";
            diagnostics.push(attribute_error(&Path::from_attr("content_base64"), "Invalid base64", detail));
        }
        diagnostics
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let content = content(context, planned).await?;
        let mode = |name: &str| planned.text(name).and_then(parse_mode).unwrap_or(0o700);
        let modes = Modes { file: mode("file_permission"), folder: mode("directory_permission") };
        let state = filled(planned, &content);
        let path = path(context, planned, "filename");
        file::write(path.clone(), content, modes).await.map_err(|error| {
            let detail = format!("The file {} cannot be written: {error}.", path.display());
            attribute_error(&Path::from_attr("filename"), "Create local file error", detail)
        })?;
        Ok(state)
    }

    /// Gone when there is no file or when its content is another one: it is then made again.
    async fn read(&self, context: &Context, current: &Value) -> Outcome {
        let found = found(context, current).await?;
        let same = found.is_some_and(|content| Some(sha1_hex(&content).as_str()) == current.text("id"));
        Ok(if same { current.clone() } else { Value::null(current.ty()) })
    }

    async fn delete(&self, context: &Context, prior: &Value) -> Result<(), Diagnostics> {
        let path = path(context, prior, "filename");
        file::remove(path.clone()).await.map_err(|error| {
            let detail = format!("The file {} cannot be removed: {error}.", path.display());
            Diagnostic::error("Delete local file error", detail).into()
        })
    }

    /// Looks at the file: as it is replaced as a whole, its content tells whether the change was made.
    async fn recover(&self, context: &Context, request: &RecoverRequest) -> RecoverResponse {
        let object = if request.planned.is_null() { &request.prior } else { &request.planned };
        let found = match found(context, object).await {
            Ok(found) => found,
            Err(diagnostics) => return RecoverResponse::Failed(diagnostics),
        };
        let private = request.private.clone();
        match (request.planned.is_null(), found) {
            (true, None) => RecoverResponse::Found { state: request.planned.clone(), private },
            (true, Some(_)) | (false, None) => RecoverResponse::NotApplied,
            (false, Some(found)) => match content(context, &request.planned).await {
                Ok(wanted) if wanted == found => {
                    RecoverResponse::Found { state: filled(&request.planned, &found), private }
                }
                Ok(_) => RecoverResponse::NotApplied,
                Err(diagnostics) => RecoverResponse::Failed(diagnostics),
            },
        }
    }
}

/// What the file is to hold.
async fn content(context: &Context, object: &Value) -> Result<Vec<u8>, Diagnostics> {
    if let Some(text) = object.text("content").or_else(|| object.text("sensitive_content")) {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(encoded) = object.text("content_base64") {
        return STANDARD.decode(encoded).map_err(|error| {
            let detail = format!("The value is not base64: {error}.");
            attribute_error(&Path::from_attr("content_base64"), "Create local file error", detail).into()
        });
    }
    let source = path(context, object, "source");
    let problem = match file::read(source.clone()).await {
        Ok(Some(content)) => return Ok(content),
        Ok(None) => "there is no such file".to_owned(),
        Err(error) => error.to_string(),
    };
    let detail = format!("The file {} cannot be read: {problem}.", source.display());
    Err(attribute_error(&Path::from_attr("source"), "Create local file error", detail).into())
}

/// What the file holds, if there is one.
async fn found(context: &Context, object: &Value) -> Result<Option<Vec<u8>>, Diagnostics> {
    let path = path(context, object, "filename");
    file::read(path.clone()).await.map_err(|error| {
        let detail = format!("The file {} cannot be read: {error}.", path.display());
        Diagnostic::error("Read local file error", detail).into()
    })
}

pub(crate) fn path(context: &Context, object: &Value, name: &str) -> PathBuf {
    context.environment.working_dir.join(object.text(name).unwrap_or_default())
}
