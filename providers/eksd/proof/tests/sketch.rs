//! Plans in a few words, a step a line:
//!
//! ```text
//! etcd cp1 3.5 > 3.6          an update
//! then etcd cp2 3.5 > 3.6     another one, after the line above
//! all kubelet w1 33 > 34      after all lines above
//! apiserver:b cp1 34 > -      of the resource "b"; - is nothing, ? is not known
//! etcd cp3 = 3.5              stays as it is
//! ```
//!
//! `34` is v1.34.9-eks-1-34-21, `34.22` another release number, `3.5` a version of etcd. More
//! attributes follow as `name=text`; `name=a,b,` is a list (of `members` and `encryption_keys`: of objects), `name=true!` a bool, and
//! `name=+text` is set by the step.

use provider::{PlannedAction, PlannedStep};
use value::{Type, Value};

pub fn plan(text: &str) -> Vec<PlannedStep> {
    let mut steps: Vec<PlannedStep> = Vec::new();
    let mut stays = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (after, line) = match line.split_once(' ') {
            Some(("then", rest)) => (vec![steps.len() - 1], rest),
            Some(("all", rest)) => ((0..steps.len()).collect(), rest),
            _ => (Vec::new(), line),
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [component, node, rest @ ..] = &words[..] else { panic!("{line}") };
        match rest {
            ["=", version, rest @ ..] => {
                let value = object(component, node, version, rest);
                stays.push(step(component, node, value.clone(), value, Vec::new()));
            }
            [before, ">", to, rest @ ..] => {
                let old: Vec<&str> = rest.iter().copied().filter(|more| !more.contains("=+")).collect();
                let new: Vec<String> = rest.iter().map(|more| more.replace("=+", "=")).collect();
                let new: Vec<&str> = new.iter().map(String::as_str).collect();
                let (before, to) = (object(component, node, before, &old), object(component, node, to, &new));
                steps.push(step(component, node, before, to, after));
            }
            _ => panic!("{line}"),
        }
    }
    steps.extend(stays);
    steps
}

pub fn step(
    component: &str,
    node: &str,
    before: Value,
    after: Value,
    after_steps: Vec<usize>,
) -> PlannedStep {
    let (kind, name) = component.split_once(':').unwrap_or((component, "n"));
    let action = match (before.is_null(), after.is_null()) {
        (false, false) if before == after => PlannedAction::NoOp,
        (false, false) => PlannedAction::Update,
        (true, false) => PlannedAction::Create,
        (_, true) => PlannedAction::Delete,
    };
    // An update that changes no version changes something else.
    let address = format!("{}.{name}[\"{node}\"]", type_name(kind));
    PlannedStep { address: address.parse().expect("a valid address"), action, before, after, after_steps }
}

pub fn object(component: &str, node: &str, version: &str, rest: &[&str]) -> Value {
    let kind = component.split(':').next().expect("split has a first part");
    if version == "-" {
        return Value::null(Type::Dynamic);
    }
    let text = |text: &str| match text {
        "?" => Value::unknown(Type::String),
        text => Value::string(text),
    };
    let mut attributes =
        vec![("cluster", text("prod")), ("node", text(node)), ("version", version_of(kind, version))];
    for more in rest {
        let (name, value) = more.split_once('=').expect("attributes are name=text");
        attributes.retain(|(known, _)| known != &name);
        attributes.push(match (value.strip_suffix(','), value.strip_suffix('!')) {
            (Some(list), _) if name == "members" => (name, known(list)),
            (Some(list), _) if name == "encryption_keys" => (name, keys(list)),
            (Some(list), _) => {
                (name, Value::list(Type::String, list.split(',').map(Value::string).collect()))
            }
            (_, Some(flag)) => (name, Value::bool(flag == "true")),
            _ => (name, text(value)),
        });
    }
    Value::object_of(attributes)
}

/// Members as etcd tells them; the id of `cp1` is `idcp1`, and `?cp1` is a learner.
fn known(names: &str) -> Value {
    let member = |name: &str| {
        let (name, learner) = (name.trim_start_matches('?'), name.starts_with('?'));
        Value::object_of([
            ("id", Value::string(format!("id{name}"))),
            ("name", Value::string(name)),
            ("peer_urls", Value::list(Type::String, vec![Value::string(format!("https://{name}:2380"))])),
            ("learner", Value::bool(learner)),
        ])
    };
    Value::tuple(names.split(',').map(member).collect())
}

/// Keys by name; `?key` has a secret that is not known yet.
fn keys(names: &str) -> Value {
    let key = |name: &str| {
        let secret = match name.strip_prefix('?') {
            Some(_) => Value::unknown(Type::String),
            None => Value::string(format!("of {name}")),
        };
        Value::object_of([("name", Value::string(name.trim_start_matches('?'))), ("secret", secret)])
    };
    Value::tuple(names.split(',').map(key).collect())
}

fn version_of(kind: &str, version: &str) -> Value {
    let text = match (kind, version) {
        (_, "?") => return Value::unknown(Type::String),
        ("etcd", version) if version.matches('.').count() == 1 => format!("v{version}.21-eks-1-34-21"),
        ("etcd", version) => format!("v{version}-eks-1-34-21"),
        (_, version) => {
            let (minor, number) = version.split_once('.').unwrap_or((version, "21"));
            format!("v1.{minor}.9-eks-1-{minor}-{number}")
        }
    };
    Value::string(text)
}

fn type_name(kind: &str) -> String {
    match kind {
        "etcd" => "eksd_etcd_member".into(),
        "apiserver" => "eksd_kube_apiserver".into(),
        "kcm" => "eksd_kube_controller_manager".into(),
        "scheduler" => "eksd_kube_scheduler".into(),
        "proxy" => "eksd_kube_proxy".into(),
        other => format!("eksd_{other}"),
    }
}
