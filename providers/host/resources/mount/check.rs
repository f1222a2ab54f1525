//! What cannot be asked for.

use provider::simple::Access;
use value::Value;

use super::STATES;

/// What is wrong with the attributes but the path.
pub(super) fn problems(config: &Value) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut wrong = |name: &'static str, detail: String| problems.push((name, detail));
    let odd = |text: &str| text.is_empty() || text.contains(char::is_control) || text.len() > 4096;
    if let Some(text) = config.text("device")
        && (odd(text) || text.starts_with('#') || text.contains(['"', '\'']) || text.starts_with('-'))
    {
        wrong(
            "device",
            format!(
                "{text:?} is nothing that can be mounted: no quotes, no control characters, no # or - at its beginning."
            ),
        );
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if let Some(text) = config.text("type").filter(|text| text.is_empty() || !plain(text)) {
        wrong("type", format!("{text:?} is no type of file systems, such as \"ext4\"."));
    }
    if config.text("type") == Some("swap") {
        wrong("type", "Swap is not mounted: host_swap keeps it off.".into());
    }
    let options = config.texts("options");
    for option in &options {
        let name = option.split('=').next().unwrap_or_default();
        if odd(option) || option.contains(',') || option.starts_with('#') {
            wrong(
                "options",
                format!("{option:?} is no option: each is an element of its own, without commas."),
            );
        } else if ["password", "pass", "passwd"].contains(&name) {
            wrong("options", "Everybody on the host can read fstab: put the password into a file of its own (host_file, sensitive_content) and set \
                              credentials=FILE.".into());
        } else if ["remount", "move"].contains(&name) {
            wrong("options", format!("{option:?} does not belong into fstab."));
        }
    }
    let known = config.attr("options").is_some_and(Value::is_known);
    if known && !config.is_unset("options") && options.is_empty() {
        wrong("options", "There must be an option at least: leave it out for [\"defaults\"].".into());
    }
    let bind = options.iter().any(|option| ["bind", "rbind"].contains(option));
    if bind && config.text("device").is_some_and(|device| !device.starts_with('/')) {
        wrong("device", "What is shown at another place (bind) is an absolute path.".into());
    }
    for (name, most) in [("dump", 1), ("pass", 2)] {
        if let Some(number) = config.int(name).filter(|number| !(0..=most).contains(number)) {
            wrong(name, format!("{number} is not between 0 and {most}."));
        }
    }
    if let Some(state) = config.text("state").filter(|state| !STATES.contains(state)) {
        wrong("state", format!("{state:?} is none of {}.", STATES.join(", ")));
    }
    problems
}
