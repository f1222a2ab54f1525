//! Lines of `/etc/fstab`.

use provider::simple::Access;
use value::{Type, Value};

/// A line that says what is mounted where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub device: String,
    pub path: String,
    pub kind: String,
    pub options: Vec<String>,
    pub dump: i64,
    pub pass: i64,
}

impl Line {
    /// The line that an object describes.
    pub(super) fn of(object: &Value) -> Self {
        let text = |name: &str| object.text(name).unwrap_or_default().to_owned();
        Self {
            device: text("device"),
            path: text("path"),
            kind: text("type"),
            options: object.texts("options").into_iter().map(str::to_owned).collect(),
            dump: object.int("dump").unwrap_or(0),
            pass: object.int("pass").unwrap_or(0),
        }
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace();
        let device = plain(fields.next().filter(|text| !text.starts_with('#'))?);
        let path = plain(fields.next()?);
        let kind = plain(fields.next()?);
        let options = fields.next().unwrap_or("defaults");
        let mut number = || fields.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let (dump, pass) = (number(), number());
        let options = options.split(',').filter(|option| !option.is_empty()).map(plain).collect();
        Some(Self { device, path, kind, options, dump, pass })
    }

    pub(super) fn text(&self) -> String {
        let options: Vec<String> = self.options.iter().map(|option| escape(option)).collect();
        format!(
            "{} {} {} {} {} {}",
            escape(&self.device),
            escape(&self.path),
            escape(&self.kind),
            options.join(","),
            self.dump,
            self.pass
        )
    }

    /// The object with what the line says.
    pub(super) fn onto(&self, object: &Value) -> Value {
        object
            .with_attr("device", Value::string_nfc(&self.device))
            .with_attr("type", Value::string_nfc(&self.kind))
            .with_attr("options", list(&self.options))
            .with_attr("dump", Value::number(self.dump))
            .with_attr("pass", Value::number(self.pass))
    }

    /// Whether it is mounted at boot.
    pub(super) fn is_automatic(&self) -> bool {
        !self.options.iter().any(|option| option == "noauto")
    }

    /// Whether it shows a part of another file system.
    pub(super) fn is_bind(&self) -> bool {
        self.options.iter().any(|option| option == "bind" || option == "rbind")
    }
}

pub(super) fn list(texts: &[String]) -> Value {
    Value::list(Type::String, texts.iter().map(|text| Value::string_nfc(text)).collect())
}

/// A text as one field of fstab and of `/proc/self/mountinfo`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => escaped.push_str(r"\040"),
            '\t' => escaped.push_str(r"\011"),
            '\n' => escaped.push_str(r"\012"),
            '\\' => escaped.push_str(r"\134"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A field as the text that it stands for.
pub(super) fn plain(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|digits| first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        let number = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match number {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
