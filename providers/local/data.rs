use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::{Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::content::{filled, with_hashes};
use crate::file;
use crate::resource::path;

/// `data.local_file` and `data.local_sensitive_file`.
pub(crate) struct FileData {
    type_name: &'static str,
    description: &'static str,
    sensitive: bool,
}

impl FileData {
    pub(crate) const PLAIN: Self = Self {
        type_name: "local_file",
        description: "The content of a file on the machine that groma runs on.",
        sensitive: false,
    };

    pub(crate) const SENSITIVE: Self = Self {
        type_name: "local_sensitive_file",
        description: "The content of a file on the machine that groma runs on, which is never shown.",
        sensitive: true,
    };
}

#[async_trait]
impl Data for FileData {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        let content = |text: &str| {
            let attribute = Attribute::computed(Type::String).described(text);
            if self.sensitive { attribute.sensitive() } else { attribute }
        };
        let block = with_hashes(Block::default().described(self.description))
            .with("filename", Attribute::required(Type::String).described("The file's path."))
            .with("content", content("The content as text; bytes that are no UTF-8 are replaced."))
            .with("content_base64", content("The content in base64."));
        Schema::new(0, block)
    }

    async fn read(&self, context: &Context, config: &Value) -> Outcome {
        let path = path(context, config, "filename");
        let problem = match file::read(path.clone()).await {
            Ok(Some(content)) => {
                return Ok(with(
                    &filled(config, &content),
                    [
                        ("content", Value::string_nfc(&String::from_utf8_lossy(&content))),
                        ("content_base64", Value::string(STANDARD.encode(&content))),
                    ],
                ));
            }
            Ok(None) => "there is no such file".to_owned(),
            Err(error) => error.to_string(),
        };
        let detail = format!("The file {} cannot be read: {problem}.", path.display());
        Err(attribute_error(&Path::from_attr("filename"), "Read local file data source error", detail).into())
    }
}
