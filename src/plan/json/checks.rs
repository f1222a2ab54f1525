use addrs::{AbsResourceInstance, ConfigResource, Mode};
use serde::Serialize;
use state::{CheckKind, CheckResult, CheckStatus};

/// An element of `checks`.
#[derive(Serialize)]
pub struct CheckJson {
    address: AddressJson,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<InstanceJson>,
}

#[derive(Default, Serialize)]
struct AddressJson {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    to_display: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
}

#[derive(Serialize)]
struct InstanceJson {
    address: InstanceAddressJson,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemJson>,
}

#[derive(Serialize)]
struct InstanceAddressJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_key: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    to_display: String,
}

#[derive(Serialize)]
struct ProblemJson {
    message: String,
}

/// By address, as Terraform sorts them.
pub fn checks_json(results: &[CheckResult]) -> Vec<CheckJson> {
    let mut sorted: Vec<&CheckResult> = results.iter().collect();
    sorted.sort_by(|a, b| a.config_address.cmp(&b.config_address));
    sorted.into_iter().map(check_json).collect()
}

fn check_json(result: &CheckResult) -> CheckJson {
    let instances = result.objects.iter().map(|object| InstanceJson {
        address: instance_address(result.kind, &object.address),
        status: status(object.status),
        problems: object
            .failure_messages
            .iter()
            .map(|message| ProblemJson { message: message.clone() })
            .collect(),
    });
    CheckJson {
        address: config_address(result),
        status: status(result.status),
        instances: instances.collect(),
    }
}

fn config_address(result: &CheckResult) -> AddressJson {
    let to_display = result.config_address.clone();
    if result.kind == CheckKind::Resource
        && let Ok(address) = to_display.parse::<ConfigResource>()
    {
        return AddressJson {
            kind: "resource",
            mode: Some(if address.resource.mode == Mode::Data { "data" } else { "managed" }),
            module: (!address.module.is_root()).then(|| address.module.to_string()),
            name: address.resource.name.to_string(),
            to_display,
            ty: Some(address.resource.ty.to_string()),
        };
    }
    let (module, name) = split_module(&to_display);
    AddressJson {
        kind: match result.kind {
            CheckKind::Resource => "resource",
            CheckKind::Output => "output_value",
            CheckKind::Check => "check",
            CheckKind::Variable => "var",
        },
        name,
        module,
        to_display,
        ..AddressJson::default()
    }
}

fn instance_address(kind: CheckKind, address: &str) -> InstanceAddressJson {
    if kind == CheckKind::Resource
        && let Ok(instance) = address.parse::<AbsResourceInstance>()
    {
        return InstanceAddressJson {
            instance_key: match &instance.key {
                addrs::InstanceKey::None => None,
                addrs::InstanceKey::Int(n) => Some((*n).into()),
                addrs::InstanceKey::String(s) => Some(s.as_str().into()),
            },
            module: (!instance.module.is_root()).then(|| instance.module.to_string()),
            to_display: address.to_owned(),
        };
    }
    InstanceAddressJson {
        instance_key: None,
        module: split_module(address).0,
        to_display: address.to_owned(),
    }
}

/// `module.a.check.c` as its module and name; the last two steps are kind and name.
fn split_module(address: &str) -> (Option<String>, String) {
    let name = address.rsplit('.').next().unwrap_or(address).to_owned();
    let rest = address.rsplitn(3, '.').nth(2).map(str::to_owned);
    (rest.filter(|module| module.starts_with("module.")), name)
}

fn status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}
