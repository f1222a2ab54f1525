use provider::{Attribute, Block};
use serde_json::{Map, Value as Json};
use value::{Entries, Str, Type, Value};

/// One setting of a component: an attribute that is a flag of its command line or a field of its configuration file.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The flag's name with `_` for `-`.
    pub attribute: &'static str,
    pub place: Place,
    pub kind: Kind,
    pub default: Default,
    pub required: bool,
    /// Markdown.
    pub description: &'static str,
}

/// Where a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A flag named as the attribute, with `-` for `_`.
    Flag,
    /// A field of the configuration file, by its path with dots.
    Field(&'static str),
}

/// How a setting's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    /// A list: `a,b`.
    List,
    /// A flag that is given once for each element.
    Repeated,
    /// A map of texts: `a=1,b=2`.
    Map,
    /// A map of truth values: `A=true,B=false`.
    Gates,
}

/// What holds where the configuration says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Nothing is written: the component's own default.
    None,
    Text(&'static str),
    Number(i64),
    Bool(bool),
    List(&'static [&'static str]),
    /// What the component finds out on the host.
    Found,
}

impl Setting {
    const fn new(attribute: &'static str, kind: Kind, description: &'static str) -> Self {
        Self { attribute, place: Place::Flag, kind, default: Default::None, required: false, description }
    }

    pub const fn text(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Text, description)
    }

    pub const fn number(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Number, description)
    }

    pub const fn bool(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Bool, description)
    }

    pub const fn list(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::List, description)
    }

    pub const fn repeated(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Repeated, description)
    }

    pub const fn map(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Map, description)
    }

    pub const fn gates(attribute: &'static str, description: &'static str) -> Self {
        Self::new(attribute, Kind::Gates, description)
    }

    #[must_use]
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Writes it into the configuration file.
    #[must_use]
    pub const fn field(mut self, path: &'static str) -> Self {
        self.place = Place::Field(path);
        self
    }

    /// The flag's name, if it is one.
    pub fn flag(&self) -> Option<String> {
        (self.place == Place::Flag).then(|| self.attribute.replace('_', "-"))
    }

    pub fn ty(&self) -> Type {
        match self.kind {
            Kind::Text => Type::String,
            Kind::Number => Type::Number,
            Kind::Bool => Type::Bool,
            Kind::List | Kind::Repeated => Type::list(Type::String),
            Kind::Map => Type::map(Type::String),
            Kind::Gates => Type::map(Type::Bool),
        }
    }

    /// The value that holds where the configuration says nothing, if there is one.
    pub fn default_value(&self) -> Option<Value> {
        Some(match self.default {
            Default::None | Default::Found => return None,
            Default::Text(text) => Value::string(text),
            Default::Number(number) => Value::number(number),
            Default::Bool(flag) => Value::bool(flag),
            Default::List(items) => {
                Value::list(Type::String, items.iter().map(|item| Value::string(*item)).collect())
            }
        })
    }

    fn schema(&self) -> Attribute {
        let attribute = match (self.required, self.default) {
            (true, _) => Attribute::required(self.ty()),
            // What `extra_args` says of a flag shows in its attribute.
            (false, Default::None) if self.place != Place::Flag => Attribute::optional(self.ty()),
            _ => Attribute::optional_computed(self.ty()),
        };
        let place = match self.place {
            Place::Flag => format!("`--{}`", self.attribute.replace('_', "-")),
            Place::Field(path) => format!("`{path}`"),
        };
        let default = match self.default {
            Default::None | Default::Found => String::new(),
            Default::Text(text) => format!(" `{text}` if not set."),
            Default::Number(number) => format!(" `{number}` if not set."),
            Default::Bool(flag) => format!(" `{flag}` if not set."),
            Default::List(items) => format!(" `{}` if not set.", items.join(",")),
        };
        attribute.described(format!("{place}: {}{default}", self.description))
    }

    /// The texts of a flag with this value, one for each time it is given; none where it is null or empty.
    pub fn texts(&self, value: &Value) -> Vec<String> {
        if value.is_null() || !value.is_known() {
            return Vec::new();
        }
        let items = || value.items().unwrap_or_default().iter().filter_map(Value::as_str).map(Str::to_string);
        let joined = |parts: Vec<String>| if parts.is_empty() { Vec::new() } else { vec![parts.join(",")] };
        match self.kind {
            Kind::Repeated => items().collect(),
            Kind::List => joined(items().collect()),
            Kind::Map | Kind::Gates => joined(
                pairs(value)
                    .map(|(key, value)| format!("{key}={}", scalar(value).unwrap_or_default()))
                    .collect(),
            ),
            // An empty text is how a default is left out.
            Kind::Text | Kind::Number | Kind::Bool => {
                scalar(value).into_iter().filter(|text| !text.is_empty()).collect()
            }
        }
    }

    /// The value that the texts of a flag mean. What cannot be read is shown as it is where the type allows.
    pub fn parse(&self, texts: &[String]) -> Value {
        let Some(last) = texts.last() else { return Value::null(self.ty()) };
        let list =
            |items: Vec<&str>| Value::list(Type::String, items.into_iter().map(Value::string_nfc).collect());
        let parts = || texts.iter().flat_map(|text| text.split(',')).filter(|part| !part.is_empty());
        match self.kind {
            Kind::Text => Value::string_nfc(last),
            Kind::Number => last.parse::<i64>().map_or(Value::null(Type::Number), Value::number),
            Kind::Bool => match last.as_str() {
                "true" | "1" | "t" | "T" | "TRUE" | "True" | "" => Value::bool(true),
                "false" | "0" | "f" | "F" | "FALSE" | "False" => Value::bool(false),
                _ => Value::null(Type::Bool),
            },
            Kind::List => list(parts().collect()),
            Kind::Repeated => list(texts.iter().map(String::as_str).collect()),
            Kind::Map | Kind::Gates => {
                let pairs = parts().map(|part| part.split_once('=').unwrap_or((part, "")));
                if self.kind == Kind::Map {
                    let pairs = pairs.map(|(key, value)| (Str::from(key), Value::string_nfc(value)));
                    Value::map(Type::String, pairs.collect())
                } else {
                    let pairs = pairs.map(|(key, value)| (Str::from(key), Value::bool(value == "true")));
                    Value::map(Type::Bool, pairs.collect())
                }
            }
        }
    }

    /// What is wrong with a text as the value of a flag, if something is.
    pub fn problem(&self, text: &str) -> Option<String> {
        let mut parts = text.split(',').filter(|_| !text.is_empty());
        let problem = match self.kind {
            Kind::Text | Kind::Repeated => return None,
            Kind::Number => text.parse::<i64>().is_err().then_some("a whole number"),
            Kind::Bool => self.parse(&[text.to_owned()]).is_null().then_some("true or false"),
            Kind::List => parts.any(str::is_empty).then_some("a list such as a,b"),
            Kind::Map => parts.any(|part| !part.contains('=')).then_some("a map such as a=1,b=2"),
            Kind::Gates => {
                let is_gate = |part: &str| part.ends_with("=true") || part.ends_with("=false");
                parts.any(|part| !is_gate(part)).then_some("a map such as A=true,B=false")
            }
        };
        problem.map(|wanted| format!("{text:?} is not {wanted}"))
    }

    /// The value as a field of a configuration file; nothing where it is null or empty.
    pub fn json(&self, value: &Value) -> Option<Json> {
        if value.is_null() || !value.is_known() {
            return None;
        }
        let json = match self.kind {
            Kind::Text => Json::from(value.as_str().filter(|text| !text.is_empty())?.as_str()),
            Kind::Number => Json::from(value.as_i64()?),
            Kind::Bool => Json::from(value.as_bool()?),
            Kind::List | Kind::Repeated => {
                let items: Vec<Json> = value
                    .items()?
                    .iter()
                    .filter_map(|item| Some(Json::from(item.as_str()?.as_str())))
                    .collect();
                if items.is_empty() {
                    return None;
                }
                Json::Array(items)
            }
            Kind::Map | Kind::Gates => {
                let fields: Map<String, Json> = pairs(value)
                    .filter_map(|(key, value)| {
                        let json = match value.as_bool() {
                            Some(flag) => Json::from(flag),
                            None => Json::from(value.as_str()?.as_str()),
                        };
                        Some((key.to_string(), json))
                    })
                    .collect();
                if fields.is_empty() {
                    return None;
                }
                Json::Object(fields)
            }
        };
        Some(json)
    }

    /// The value of a field of a configuration file.
    pub fn of_json(&self, json: &Json) -> Value {
        let text = |json: &Json| match json {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match (self.kind, json) {
            (Kind::Text, json) if !json.is_null() => Value::string_nfc(&text(json)),
            (Kind::Number, Json::Number(number)) => {
                number.as_i64().map_or(Value::null(Type::Number), Value::number)
            }
            (Kind::Bool, Json::Bool(flag)) => Value::bool(*flag),
            (Kind::List | Kind::Repeated, Json::Array(items)) => {
                Value::list(Type::String, items.iter().map(|item| Value::string_nfc(&text(item))).collect())
            }
            (Kind::Map, Json::Object(fields)) => {
                let entries: Entries = fields
                    .iter()
                    .map(|(key, json)| (Str::from(key.as_str()), Value::string_nfc(&text(json))))
                    .collect();
                Value::map(Type::String, entries)
            }
            (Kind::Gates, Json::Object(fields)) => {
                let entries: Entries = fields
                    .iter()
                    .map(|(key, json)| {
                        (Str::from(key.as_str()), Value::bool(json.as_bool().unwrap_or(false)))
                    })
                    .collect();
                Value::map(Type::Bool, entries)
            }
            _ => Value::null(self.ty()),
        }
    }
}

/// Adds the attributes of a table of settings.
pub fn with_attributes(block: Block, settings: &[Setting]) -> Block {
    settings.iter().fold(block, |block, setting| block.with(setting.attribute, setting.schema()))
}

/// What was seen of an attribute, spelled as it is known where both mean the same: nothing, and an empty text or
/// collection.
pub fn spelled(known: &Value, seen: Value) -> Value {
    let empty = |value: &Value| {
        value.is_null()
            || value.as_str().is_some_and(|text| text.is_empty())
            || value.items().is_some_and(<[Value]>::is_empty)
            || value.entries().is_some_and(Entries::is_empty)
    };
    if known.is_known() && empty(known) && empty(&seen) { known.clone() } else { seen }
}

/// The texts of a map attribute.
pub fn map_texts(object: &Value, name: &str) -> Vec<(String, String)> {
    let entries = object.attr(name).into_iter().flat_map(pairs);
    entries.filter_map(|(key, text)| Some((key.to_string(), text.as_str()?.to_string()))).collect()
}

fn pairs(value: &Value) -> impl Iterator<Item = (&Str, &Value)> {
    value.entries().into_iter().flat_map(Entries::iter)
}

fn scalar(value: &Value) -> Option<String> {
    match (value.as_str(), value.as_bool(), value.as_i64()) {
        (Some(text), ..) => Some(text.to_string()),
        (_, Some(flag), _) => Some(flag.to_string()),
        (.., Some(number)) => Some(number.to_string()),
        _ => None,
    }
}
