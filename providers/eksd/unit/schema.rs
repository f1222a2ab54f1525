use diag::{Diagnostic, Diagnostics};
use provider::simple::Access;
use provider::{Attribute, Block, Nesting, attribute_error};
use provider_host::kit::{duration, validate_path};
use value::{Path, Str, Type, Value};

use super::setting::{self, Setting, map_texts};
use super::{Component, extra};

/// The attributes of a component.
pub(super) fn block(component: &dyn Component) -> Block {
    let text = || Attribute::optional(Type::String);
    let texts = || Attribute::optional(Type::map(Type::String));
    let name = component.name();
    let block = Block::default()
        .described(component.description())
        .with("cluster", Attribute::required(Type::String).described("The cluster's name: what components belong together."))
        .with("node", Attribute::required(Type::String).described("The node's name."))
        .with("version", Attribute::required(Type::String).described("The release version, such as `v1.34.9-eks-1-34-21`. It runs from a folder of that name, which the link `current` is switched to as one."))
        .with("binary", downloads().described(format!("What is installed, by the host's architecture (`amd64`, `arm64`): `data.eksd_release.NAME.binaries[\"{name}\"]`. It is verified on the host before it gets into place. If not set, nothing is installed: the program must be in `/opt/eksd/{name}/VERSION` already, as in an image of the machine, and its digest is taken as found; a folder that stands for a host (`root:`) shows everything but the program.")))
        .with("binary_sha256", Attribute::computed(Type::String).described("SHA-256 of the program as it is on the host."))
        .with("binary_source", Attribute::computed(Type::String).described("The digest that what is installed was verified by when groma brought it; null if it was there before."))
        .with("binary_replaced", Attribute::computed(Type::Bool).described("Whether a program is not the one that was installed: the next apply installs it again."))
        .with("state", Attribute::optional_computed(Type::String).described("`running` (the default) or `stopped`. A unit that ends again and again shows as `failed`, one that was started and is not known to have become well as `starting`: the next apply waits for that."))
        .with("enabled", Attribute::optional_computed(Type::Bool).described("Whether it starts at boot; `true` if not set."))
        .with("health_timeout", Attribute::optional_computed(Type::String).described("How long it may take after a start until it is well; `5m` if not set. Only then does the change end."))
        .with("restart_on", texts().described("Values whose change restarts it, such as digests of certificates that it reads only at its start."))
        .with("restart_pending", Attribute::computed(Type::Bool).described("Whether something changed for which it was not restarted: the next apply does."))
        .with("out_of_place", Attribute::computed(Type::list(Type::String)).described("Files and folders of it whose mode or owner is not as it should be, and links that lead elsewhere: the next apply puts them right."))
        .with("environment", texts().described("Variables that it runs with."))
        .with("unit_options", texts().described("Settings of the unit besides or instead of those that groma gives it: `LimitNOFILE` is one of `[Service]`, `Unit.After` one of `[Unit]`. An empty text leaves one out. What is edited by hand in the unit shows here."))
        .with("extra_args", texts().described("More flags, without the leading `--`. One that has an attribute counts as that, and is refused where both are set; those that follow from other attributes are refused always. What is edited by hand in the unit and has no attribute shows here."));
    let block = setting::with_attributes(block, component.settings());
    let block = match component.config() {
        None => block,
        Some(config) => block
            .with(config.path, Attribute::optional_computed(Type::String).described(format!("The path of the configuration file; `/etc/eksd/{name}.yaml` if not set.")))
            .with("extra_config", text().described("More fields of the configuration file, as the text of a JSON object (`jsonencode`), for those that have no attribute.")),
    };
    component.extend(block)
}

/// What can be fetched, by the host's architecture.
pub fn downloads() -> Attribute {
    let text = || Attribute::optional(Type::String);
    let file = [
        ("uri", Attribute::required(Type::String).described("Where it is fetched from: https, http, file, or an absolute path on the machine that groma runs on.")),
        ("sha256", text().described("SHA-256 in hexadecimal digits.")),
        ("sha512", text().described("SHA-512 in hexadecimal digits; at least one of the two is set.")),
    ];
    Attribute::nested(
        Nesting::Map,
        file.into_iter().map(|(name, attribute)| (Str::from(name), attribute)).collect(),
    )
}

/// What holds where the configuration says nothing.
pub(super) fn defaults(component: &dyn Component) -> Vec<(&'static str, Value)> {
    let mut defaults = vec![
        ("state", Value::string("running")),
        ("enabled", Value::bool(true)),
        ("health_timeout", Value::string("5m")),
    ];
    defaults.extend(
        component.settings().iter().filter_map(|setting| Some((setting.attribute, setting.default_value()?))),
    );
    if let Some(config) = component.config() {
        defaults.push((config.path, Value::string(format!("/etc/eksd/{}.yaml", component.name()))));
    }
    defaults.extend(component.defaults());
    defaults
}

/// An error about an attribute of a component.
pub fn wrong(name: &str, detail: impl Into<String>) -> Diagnostic {
    attribute_error(&Path::from_attr(name), "Invalid component", detail.into())
}

/// Checks what all components have.
pub(super) fn validate(component: &dyn Component, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for name in ["cluster", "node"] {
        if let Some(text) = config.text(name).filter(|text| !is_name(text)) {
            diagnostics.push(wrong(name, format!("{text:?} is no name: small letters, digits, - and . only, beginning and ending with a letter or digit.")));
        }
    }
    if let Some(text) = config.text("version").filter(|text| !is_version(text)) {
        diagnostics
            .push(wrong("version", format!("{text:?} is no version such as \"v1.34.9-eks-1-34-21\".")));
    }
    if let Some(text) = config.text("state").filter(|text| !["running", "stopped"].contains(text)) {
        diagnostics.push(wrong("state", format!("{text:?} is neither running nor stopped.")));
    }
    if let Some(text) = config.text("health_timeout")
        && duration(text).is_none_or(|time| time.is_zero())
    {
        diagnostics
            .push(wrong("health_timeout", format!("{text:?} is no duration such as \"90s\" or \"5m\".")));
    }
    diagnostics.extend(check_downloads(config, "binary"));
    if let Some(path) = component.config().map(|config| config.path) {
        diagnostics.extend(validate_path(config, path));
        if let Some(text) = config.text("extra_config")
            && !matches!(serde_json::from_str(text), Ok(serde_json::Value::Object(_)))
        {
            diagnostics.push(wrong(
                "extra_config",
                "It is not the text of a JSON object; jsonencode({ ... }) makes one.",
            ));
        }
    }
    lines(component, config, &mut diagnostics);
    diagnostics
}

/// Checks the digests of what [`downloads`] says.
pub fn check_downloads(config: &Value, name: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let files = config.attr(name).and_then(Value::entries);
    for (arch, file) in files.into_iter().flat_map(value::Entries::iter) {
        if !file.is_null() && file.is_known() && file.is_unset("sha256") && file.is_unset("sha512") {
            diagnostics.push(wrong(
                name,
                format!("What is fetched for {arch} has no digest: set sha512 or sha256."),
            ));
        }
        for (digest, digits) in [("sha256", 64), ("sha512", 128)] {
            let bad =
                |text: &&str| text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if let Some(text) = file.text(digest).filter(bad) {
                let detail =
                    format!("The {digest} for {arch} is {text:?}, which is not {digits} hexadecimal digits.");
                diagnostics.push(wrong(name, detail));
            }
        }
    }
    diagnostics
}

/// Checks the values whose change restarts something: each is a line of a file.
pub fn check_marks(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (name, text) in map_texts(config, "restart_on") {
        if text.contains(['\0', '\n', '\r']) || name.contains(['=', '\n', '\0', ' ']) || name.is_empty() {
            let detail =
                format!("{name:?} and its value must be one line, without = and spaces in the name.");
            diagnostics.push(wrong("restart_on", detail));
        }
    }
    diagnostics
}

/// Checks what gets into the unit.
fn lines(component: &dyn Component, config: &Value, diagnostics: &mut Diagnostics) {
    let mut derived: Vec<String> = component.derived(config).into_iter().map(|(name, _)| name).collect();
    derived.extend(component.config().map(|config| config.path.replace('_', "-")));
    for (name, text) in map_texts(config, "extra_args") {
        if derived.contains(&name) {
            diagnostics.push(wrong(
                "extra_args",
                format!("The flag --{name} follows from other attributes: the component and what depends on it must say the same."),
            ));
        } else if !is_flag(&name) {
            diagnostics.push(wrong(
                "extra_args",
                format!(
                    "{name:?} is no name of a flag: small letters, digits and - only, without the leading --."
                ),
            ));
        }
        if text.contains(['\0', '\n']) {
            diagnostics
                .push(wrong("extra_args", format!("The value of --{name} has a line break or NUL in it.")));
        }
    }
    diagnostics.extend(extra::validate(component, config));
    for (name, text) in map_texts(config, "unit_options") {
        let (section, key) = name.split_once('.').unwrap_or(("Service", &name));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain(section) || !plain(key) || key.starts_with("Exec") || key.starts_with("Environment") {
            diagnostics.push(wrong("unit_options", format!("{name:?} is no setting that can be given here, such as \"LimitNOFILE\" or \"Unit.After\".")));
        }
        if text.contains(['\0', '\n']) || text.ends_with('\\') {
            diagnostics.push(wrong("unit_options", format!("The value of {name} is not one line.")));
        }
    }
    for (name, text) in map_texts(config, "environment") {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(plain) {
            diagnostics.push(wrong("environment", format!("{name:?} is no name of a variable.")));
        }
        if text.contains(['\0', '\n']) {
            diagnostics
                .push(wrong("environment", format!("The value of {name} has a line break or NUL in it.")));
        }
    }
    diagnostics.extend(check_marks(config));
    for setting in component.settings() {
        diagnostics.extend(setting_is_plain(setting, config));
    }
}

fn setting_is_plain(setting: &Setting, config: &Value) -> Option<Diagnostic> {
    let value = config.attr(setting.attribute)?;
    let listed = matches!(setting.kind, setting::Kind::List) && setting.flag().is_some();
    let items = value.items().unwrap_or_default().iter().filter_map(Value::as_str);
    if listed && items.clone().any(|item| item.contains(',') || item.is_empty()) {
        return Some(wrong(
            setting.attribute,
            "An element is empty or has a comma in it: each is an element of its own.",
        ));
    }
    let texts = setting.texts(value);
    let bad = texts.iter().any(|text| text.contains(['\0', '\n']));
    bad.then(|| wrong(setting.attribute, "It has a line break or NUL in it."))
}

fn is_name(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.len() <= 253 && edge(text.chars().next()) && edge(text.chars().last()) && text.chars().all(plain)
}

fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+_".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 100 && text.chars().all(plain)
}

fn is_flag(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain)
}
