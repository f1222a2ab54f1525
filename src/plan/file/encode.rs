//! Between the plan and its file form.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use addrs::{DeposedKey, ParseError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provider::RolloutStep;
use state::{CheckKind, CheckObject, CheckResult, CheckStatus, State};
use value::{Marks, Path, PathStep, Type, Value, msgpack};

use super::PlanFile;
use super::format::{
    ChangeFormat, CheckFormat, CheckObjectFormat, ImportingFormat, OutputFormat, PathFormat, PlanFormat,
    RolloutFormat, RolloutStepFormat, StepFormat, ValueFormat,
};
use crate::{
    Action, Importing, Mode, OutputChange, Plan, Reason, RelevantAttribute, ResourceChange, Rollout,
};

pub fn plan(file: &PlanFile, version: &str) -> Result<PlanFormat, String> {
    let plan = &file.plan;
    let since = plan.timestamp.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let outputs = plan.outputs.iter().map(|(name, output)| {
        let output = OutputFormat {
            action: name_of(ACTIONS, &output.action).into(),
            before: encode_value(&output.before)?,
            after: encode_value(&output.after)?,
            sensitive: output.sensitive,
        };
        Ok::<_, String>((name.to_string(), output))
    });
    let variables =
        plan.variables.iter().map(|(name, value)| Ok::<_, String>((name.to_string(), encode_value(value)?)));
    let relevant = plan
        .relevant_attributes
        .iter()
        .map(|relevant| Ok::<_, String>((relevant.resource.to_string(), encode_path(&relevant.attribute)?)));
    Ok(PlanFormat {
        groma_version: version.to_owned(),
        workspace: file.workspace.clone(),
        mode: name_of(MODES, &plan.mode).into(),
        changes: plan.changes.iter().map(encode_change).collect::<Result<_, _>>()?,
        drift: plan.drift.iter().map(encode_change).collect::<Result<_, _>>()?,
        outputs: outputs.collect::<Result<_, _>>()?,
        variables: variables.collect::<Result<_, _>>()?,
        ephemeral_variables: plan.ephemeral_variables.iter().map(ToString::to_string).collect(),
        targets: plan.targets.iter().map(ToString::to_string).collect(),
        force_replace: plan.force_replace.iter().map(ToString::to_string).collect(),
        checks: plan.checks.iter().map(encode_check).collect(),
        relevant_attributes: relevant.collect::<Result<_, _>>()?,
        timestamp: (since.as_secs(), since.subsec_nanos()),
        errored: plan.errored,
        rollouts: plan.rollouts.iter().map(encode_rollout).collect(),
        doubtful: plan.doubtful.iter().map(ToString::to_string).collect(),
    })
}

pub fn decode(format: PlanFormat, prior_state: State, previous_state: State) -> Result<Plan, String> {
    let outputs = format.outputs.into_iter().map(|(name, output)| {
        let change = OutputChange {
            name: name.as_str().into(),
            action: named(ACTIONS, &output.action)?,
            before: decode_value(output.before)?,
            after: decode_value(output.after)?,
            sensitive: output.sensitive,
        };
        Ok::<_, String>((name.into(), change))
    });
    let variables = format
        .variables
        .into_iter()
        .map(|(name, value)| Ok::<_, String>((name.into(), decode_value(value)?)));
    let relevant = format.relevant_attributes.into_iter().map(|(resource, path)| {
        Ok::<_, String>(RelevantAttribute { resource: parse(&resource)?, attribute: decode_path(path)? })
    });
    let (seconds, nanos) = format.timestamp;
    Ok(Plan {
        mode: named(MODES, &format.mode)?,
        changes: format.changes.into_iter().map(decode_change).collect::<Result<_, _>>()?,
        drift: format.drift.into_iter().map(decode_change).collect::<Result<_, _>>()?,
        outputs: outputs.collect::<Result<_, _>>()?,
        previous_state,
        prior_state,
        variables: variables.collect::<Result<_, _>>()?,
        ephemeral_variables: format.ephemeral_variables.into_iter().map(Into::into).collect(),
        targets: format.targets.iter().map(|t| parse(t)).collect::<Result<_, _>>()?,
        force_replace: format.force_replace.iter().map(|a| parse(a)).collect::<Result<_, _>>()?,
        checks: format.checks.into_iter().map(decode_check).collect::<Result<_, _>>()?,
        relevant_attributes: relevant.collect::<Result<_, _>>()?,
        timestamp: SystemTime::UNIX_EPOCH
            .checked_add(Duration::new(seconds, nanos.min(999_999_999)))
            .ok_or("The timestamp is out of range.")?,
        errored: format.errored,
        rollouts: format.rollouts.into_iter().map(decode_rollout).collect::<Result<_, _>>()?,
        doubtful: format.doubtful.iter().map(|a| parse(a)).collect::<Result<_, _>>()?,
    })
}

fn encode_change(change: &ResourceChange) -> Result<ChangeFormat, String> {
    Ok(ChangeFormat {
        address: change.address.to_string(),
        previous_address: change.previous_address.as_ref().map(ToString::to_string),
        deposed: change.deposed.as_ref().map(ToString::to_string),
        provider: change.provider.to_string(),
        action: name_of(ACTIONS, &change.action).into(),
        reason: change.reason.as_str().into(),
        before: encode_value(&change.before)?,
        after: encode_value(&change.after)?,
        private: STANDARD.encode(&change.private),
        required_replace: change.required_replace.iter().map(encode_path).collect::<Result<_, _>>()?,
        importing: change
            .importing
            .as_ref()
            .map(|importing| ImportingFormat { id: importing.id.as_ref().map(ToString::to_string) }),
        generated_config: change.generated_config.clone(),
        create_before_destroy: change.create_before_destroy,
    })
}

fn decode_change(change: ChangeFormat) -> Result<ResourceChange, String> {
    let reason = Reason::ALL.iter().find(|reason| reason.as_str() == change.reason);
    Ok(ResourceChange {
        address: parse(&change.address)?,
        previous_address: change.previous_address.as_deref().map(parse).transpose()?,
        deposed: change.deposed.map(|key| DeposedKey(key.into())),
        provider: parse(&change.provider)?,
        action: named(ACTIONS, &change.action)?,
        reason: *reason.ok_or_else(|| format!("The reason {:?} is not known.", change.reason))?,
        before: decode_value(change.before)?,
        after: decode_value(change.after)?,
        private: decode_bytes(&change.private)?,
        required_replace: change.required_replace.into_iter().map(decode_path).collect::<Result<_, _>>()?,
        importing: change.importing.map(|importing| Importing { id: importing.id.map(Into::into) }),
        generated_config: change.generated_config,
        create_before_destroy: change.create_before_destroy,
    })
}

fn encode_rollout(rollout: &Rollout) -> RolloutFormat {
    let steps = rollout.steps.iter().map(|step| RolloutStepFormat {
        text: step.text.clone(),
        addresses: step.addresses.iter().map(ToString::to_string).collect(),
    });
    RolloutFormat { provider: rollout.provider.to_string(), steps: steps.collect() }
}

fn decode_rollout(rollout: RolloutFormat) -> Result<Rollout, String> {
    let steps = rollout.steps.into_iter().map(|step| {
        let addresses = step.addresses.iter().map(|address| parse(address)).collect::<Result<_, _>>()?;
        Ok::<_, String>(RolloutStep { text: step.text, addresses })
    });
    Ok(Rollout { provider: parse(&rollout.provider)?, steps: steps.collect::<Result<_, _>>()? })
}

fn encode_value(value: &Value) -> Result<ValueFormat, String> {
    let (value, marks) = value.unmark_deep_with_paths();
    let sensitive = marks.iter().filter(|(_, marks)| marks.is_sensitive()).map(|(path, _)| encode_path(path));
    Ok(ValueFormat { value: encode_bare(&value)?, sensitive: sensitive.collect::<Result<_, _>>()? })
}

fn decode_value(format: ValueFormat) -> Result<Value, String> {
    let value = decode_bare(&format.value)?;
    let paths: Vec<Path> = format.sensitive.into_iter().map(decode_path).collect::<Result<_, _>>()?;
    Ok(value.mark_with_paths(paths.into_iter().map(|path| (path, Marks::SENSITIVE))))
}

/// With `Dynamic` as the type the encoding says its own type, unknowns and nulls inside included.
fn encode_bare(value: &Value) -> Result<String, String> {
    msgpack::encode(value, &Type::Dynamic).map(|bytes| STANDARD.encode(bytes)).map_err(|e| e.to_string())
}

fn decode_bare(text: &str) -> Result<Value, String> {
    msgpack::decode(&decode_bytes(text)?, &Type::Dynamic).map_err(|e| e.to_string())
}

fn decode_bytes(text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|e| e.to_string())
}

fn encode_path(path: &Path) -> Result<PathFormat, String> {
    path.0
        .iter()
        .map(|step| {
            Ok(match step {
                PathStep::Attr(name) => StepFormat::Attr(name.to_string()),
                PathStep::Index(key) => StepFormat::Index(encode_bare(key)?),
            })
        })
        .collect()
}

fn decode_path(path: PathFormat) -> Result<Path, String> {
    path.into_iter()
        .map(|step| {
            Ok(match step {
                StepFormat::Attr(name) => PathStep::Attr(name.into()),
                StepFormat::Index(key) => PathStep::Index(decode_bare(&key)?),
            })
        })
        .collect::<Result<_, String>>()
        .map(Path)
}

fn encode_check(check: &CheckResult) -> CheckFormat {
    let objects = check.objects.iter().map(|object| CheckObjectFormat {
        address: object.address.clone(),
        status: name_of(STATUSES, &object.status).into(),
        failure_messages: object.failure_messages.clone(),
    });
    CheckFormat {
        kind: name_of(KINDS, &check.kind).into(),
        config_address: check.config_address.clone(),
        status: name_of(STATUSES, &check.status).into(),
        objects: objects.collect(),
    }
}

fn decode_check(check: CheckFormat) -> Result<CheckResult, String> {
    let objects = check.objects.into_iter().map(|object| {
        Ok(CheckObject {
            address: object.address,
            status: named(STATUSES, &object.status)?,
            failure_messages: object.failure_messages,
        })
    });
    Ok(CheckResult {
        kind: named(KINDS, &check.kind)?,
        config_address: check.config_address,
        status: named(STATUSES, &check.status)?,
        objects: objects.collect::<Result<_, String>>()?,
    })
}

fn parse<T: FromStr<Err = ParseError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: ParseError| e.to_string())
}

/// The name of a variant in its table, which lists them all.
fn name_of<T: PartialEq>(names: &[(&'static str, T)], wanted: &T) -> &'static str {
    names.iter().find(|(_, variant)| variant == wanted).map_or("", |(name, _)| name)
}

fn named<T: Copy>(names: &[(&'static str, T)], wanted: &str) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| *name == wanted);
    found.map(|(_, variant)| *variant).ok_or_else(|| format!("The word {wanted:?} is not known here."))
}

const ACTIONS: &[(&str, Action)] = &[
    ("no-op", Action::NoOp),
    ("create", Action::Create),
    ("read", Action::Read),
    ("update", Action::Update),
    ("delete-then-create", Action::DeleteThenCreate),
    ("create-then-delete", Action::CreateThenDelete),
    ("delete", Action::Delete),
    ("forget", Action::Forget),
];

const MODES: &[(&str, Mode)] =
    &[("normal", Mode::Normal), ("destroy", Mode::Destroy), ("refresh-only", Mode::RefreshOnly)];

const STATUSES: &[(&str, CheckStatus)] = &[
    ("pass", CheckStatus::Pass),
    ("fail", CheckStatus::Fail),
    ("error", CheckStatus::Error),
    ("unknown", CheckStatus::Unknown),
];

const KINDS: &[(&str, CheckKind)] = &[
    ("resource", CheckKind::Resource),
    ("output", CheckKind::Output),
    ("check", CheckKind::Check),
    ("var", CheckKind::Variable),
];
