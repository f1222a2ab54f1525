//! Flags that are given in `extra_args` though they have an attribute: they count as if that was set.

use diag::Diagnostics;
use provider::simple::Access;
use value::Value;

use super::Component;
use super::schema::wrong;
use super::setting::{Default, Setting, map_texts, spelled};

/// The object with the attributes that the configuration leaves out as its `extra_args` say.
pub(super) fn applied(component: &dyn Component, config: &Value, object: &Value) -> Value {
    let given = config.attr("extra_args").filter(|given| !given.is_null());
    let mut applied = object.clone();
    for setting in component.settings().iter().filter(|setting| config.is_unset(setting.attribute)) {
        let Some(flag) = setting.flag() else { continue };
        let text = match given {
            Some(given) if given.is_known() => given.attr(&flag).filter(|text| !text.is_null()),
            other => other,
        };
        let value = match (text.map(Value::as_str), setting.default) {
            (Some(Some(text)), _) => setting.parse(&[text.to_string()]),
            (Some(None), _) => Value::unknown(setting.ty()),
            // One that was given before and is not any longer is left out again.
            (None, Default::None) => Value::null(setting.ty()),
            (None, _) => continue,
        };
        applied = applied.with_attr(setting.attribute, value);
    }
    applied
}

/// Checks the flags that have an attribute.
pub(super) fn validate(component: &dyn Component, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (name, text) in map_texts(config, "extra_args") {
        let Some(setting) = of(component, &name) else { continue };
        let attribute = setting.attribute;
        if !config.is_unset(attribute) {
            diagnostics.push(wrong(
                "extra_args",
                format!("The flag --{name} is the attribute {attribute}, which is set, too: leave one of them out."),
            ));
        } else if let Some(problem) = setting.problem(&text) {
            diagnostics.push(wrong(
                "extra_args",
                format!("The flag --{name} is the attribute {attribute}: {problem}."),
            ));
        }
    }
    diagnostics
}

/// Whether a flag is written by its attribute.
pub(super) fn of<'a>(component: &'a dyn Component, flag: &str) -> Option<&'a Setting> {
    component.settings().iter().find(|setting| setting.flag().as_deref() == Some(flag))
}

/// What `extra_args` is seen to say of a flag with an attribute, where it is known to say something: in its own words where what
/// was found means the same.
pub(super) fn seen(setting: &Setting, known: &str, found: &[String]) -> Option<Value> {
    let (meant, is) = (setting.parse(&[known.to_owned()]), setting.parse(found));
    match found {
        _ if spelled(&meant, is) == meant => Some(Value::string_nfc(known)),
        [] => None,
        found => Some(Value::string_nfc(&found.join(","))),
    }
}

/// What the map says of a flag.
pub(super) fn known<'a>(object: &'a Value, flag: &str) -> Option<&'a str> {
    object.attr("extra_args")?.attr(flag)?.as_str().map(value::Str::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_attribute() {
        let number = Setting::number("n", "");
        let gates = Setting::gates("g", "");
        for (setting, fine, bad) in [
            (&number, "8589934592", "8Gi"),
            (&Setting::bool("b", ""), "false", "no"),
            (&gates, "A=true,B=false", "A=yes"),
            (&gates, "", "A"),
            (&Setting::map("m", ""), "a=1,b=", "a"),
            (&Setting::list("l", ""), "a,b", "a,,b"),
        ] {
            assert_eq!(setting.problem(fine), None, "{fine}");
            assert!(setting.problem(bad).is_some(), "{bad}");
        }
        assert_eq!(
            seen(&gates, "B=false,A=true", &["A=true,B=false".into()]),
            Some(Value::string("B=false,A=true"))
        );
        assert_eq!(seen(&number, "4", &["6".into()]), Some(Value::string("6")));
        assert_eq!(seen(&number, "4", &[]), None);
        assert_eq!(seen(&Setting::text("t", ""), "", &[]), Some(Value::string("")));
    }
}
