use std::collections::BTreeMap;

use value::{Kind, Path, PathStep, Str, Value};

use crate::compare::{child, same};
use crate::schema::{Attribute, Block, NestedBlock, NestedType, Nesting};

type Problems = Vec<(Path, String)>;

const BLOCK_UNKNOWN: &str = "attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead";
const ELEMENT_UNKNOWN: &str = "element representing nested block must not be unknown itself; set nested attribute values to unknown instead";

/// What is wrong with a planned state (Terraform's `objchange.AssertPlanValid`): each path with a sentence.
///
/// A plan may fill in computed attributes that the configuration leaves null, and may keep a prior value in place of
/// an equivalent configured one; anything else must be as configured. Marks are ignored.
pub fn assert_plan_valid(schema: &Block, prior: &Value, config: &Value, planned: &Value) -> Problems {
    let mut problems = Vec::new();
    check_block(schema, prior, config, planned, &Path::root(), &mut problems);
    problems
}

/// The three values of one place in an object.
struct Place<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

fn check_block(
    schema: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    problems: &mut Problems,
) {
    if planned.is_null() && !config.is_null() {
        problems.push((path.clone(), "planned for absence but config wants existence".into()));
        return;
    }
    if config.is_null() && !planned.is_null() {
        problems.push((path.clone(), "planned for existence but config wants absence".into()));
        return;
    }
    if planned.is_null() {
        return;
    }
    check_attributes(&schema.attributes, &Place { prior, config, planned }, path, problems);
    for (name, block) in &schema.blocks {
        let ty = block.implied_type();
        let (prior, config, planned) =
            (child(prior, name, &ty), child(config, name, &ty), child(planned, name, &ty));
        let place = Place { prior: &prior, config: &config, planned: &planned };
        check_nested_block(block, &place, &path.attr(name.clone()), problems);
    }
}

fn check_nested_block(block: &NestedBlock, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let &Place { prior, config, planned } = place;
    if same(planned, config) || block.decided_by_provider(config) {
        return;
    }
    if !config.is_known() {
        problems.push((path.clone(), "planned value for unknown dynamic block".into()));
        return;
    }
    if !planned.is_known() {
        problems.push((path.clone(), BLOCK_UNKNOWN.into()));
        return;
    }
    if planned.is_null() && matches!(block.nesting, Nesting::List | Nesting::Map | Nesting::Set) {
        let kind = match block.nesting {
            Nesting::List => "list",
            Nesting::Map => "map",
            _ => "set",
        };
        let message = format!(
            "attribute representing a {kind} of nested blocks must be empty to indicate no blocks, not null"
        );
        problems.push((path.clone(), message));
        return;
    }
    match block.nesting {
        Nesting::Single | Nesting::Group => check_block(&block.block, prior, config, planned, path, problems),
        Nesting::List => check_block_list(block, place, path, problems),
        Nesting::Map => check_block_map(block, place, path, problems),
        // Elements of a set have no identity to compare them by; the provider is trusted.
        Nesting::Set => {
            for element in planned.items().unwrap_or_default().iter().filter(|e| !e.is_known()) {
                problems.push((path.index(element.clone()), ELEMENT_UNKNOWN.into()));
            }
        }
    }
}

fn check_block_list(block: &NestedBlock, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let planned = place.planned.items().unwrap_or_default();
    let config = place.config.items().unwrap_or_default();
    if planned.len() != config.len() {
        problems.push((path.clone(), count_mismatch("block count", planned.len(), config.len())));
        return;
    }
    let nothing = Value::null(block.block.implied_type());
    for (index, (planned, config)) in planned.iter().zip(config).enumerate() {
        let path = path.index(position(index));
        if !planned.is_known() {
            problems.push((path, ELEMENT_UNKNOWN.into()));
            continue;
        }
        let prior = place.prior.items().and_then(|p| p.get(index)).unwrap_or(&nothing);
        check_block(&block.block, prior, config, planned, &path, problems);
    }
}

fn check_block_map(block: &NestedBlock, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let nothing = Value::null(block.block.implied_type());
    check_keys("block key", place, path, problems);
    for (key, planned) in place.planned.entries().iter().flat_map(|e| e.iter()) {
        let Some(config) = place.config.attr(key) else { continue };
        let path = path.step(key_step(place.planned, key));
        if !planned.is_known() {
            problems.push((path, ELEMENT_UNKNOWN.into()));
            continue;
        }
        let prior = place.prior.attr(key).unwrap_or(&nothing);
        check_block(&block.block, prior, config, planned, &path, problems);
    }
}

fn check_attributes(
    attributes: &BTreeMap<Str, Attribute>,
    place: &Place<'_>,
    path: &Path,
    problems: &mut Problems,
) {
    for (name, attribute) in attributes {
        let prior = child(place.prior, name, &attribute.ty);
        let config = child(place.config, name, &attribute.ty);
        let planned = child(place.planned, name, &attribute.ty);
        let place = Place { prior: &prior, config: &config, planned: &planned };
        check_attribute(attribute, &place, &path.attr(name.clone()), problems);
    }
}

fn check_attribute(attribute: &Attribute, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let &Place { prior, config, planned } = place;
    if attribute.write_only {
        if !planned.is_null() {
            problems.push((path.clone(), "planned value for a write-only attribute must be null".into()));
        }
        return;
    }
    if same(planned, config) || (same(planned, prior) && !prior.is_null() && !config.is_null()) {
        return;
    }
    // The provider may plan anything for what it alone sets, and a default for what the configuration leaves out.
    if attribute.computed && (!attribute.optional || config.is_null()) {
        return;
    }
    let shown = |value: &Value| format!("{value:?}");
    if config.is_null() && !planned.is_null() {
        let message = if attribute.sensitive {
            "sensitive planned value for a non-computed attribute".into()
        } else {
            format!("planned value {} for a non-computed attribute", shown(planned))
        };
        problems.push((path.clone(), message));
        return;
    }
    if let Some(nested) = &attribute.nested {
        check_nested_attribute(nested, place, path, problems);
        return;
    }
    let message = match (attribute.sensitive, prior.is_null()) {
        (true, true) => "sensitive planned value does not match config value".into(),
        (true, false) => "sensitive planned value does not match config value nor prior value".into(),
        (false, true) => {
            format!("planned value {} does not match config value {}", shown(planned), shown(config))
        }
        (false, false) => format!(
            "planned value {} does not match config value {} nor prior value {}",
            shown(planned),
            shown(config),
            shown(prior)
        ),
    };
    problems.push((path.clone(), message));
}

fn check_nested_attribute(nested: &NestedType, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let &Place { prior, config, planned } = place;
    if planned.is_null() && !config.is_null() {
        problems.push((path.clone(), "planned for absence but config wants existence".into()));
        return;
    }
    if config.is_null() && !planned.is_null() {
        problems.push((path.clone(), "planned for existence but config wants absence".into()));
        return;
    }
    if planned.is_null() {
        return;
    }
    if !planned.is_known() {
        problems.push((path.clone(), "planned unknown for configured value".into()));
        return;
    }
    match nested.nesting {
        Nesting::Single | Nesting::Group => check_attributes(&nested.attributes, place, path, problems),
        Nesting::List => {
            let (planned, config) = (planned.items().unwrap_or_default(), config.items().unwrap_or_default());
            if planned.len() != config.len() {
                problems.push((path.clone(), count_mismatch("count", planned.len(), config.len())));
                return;
            }
            for (index, (planned, config)) in planned.iter().zip(config).enumerate() {
                let nothing = Value::null(planned.ty());
                let prior = prior.items().and_then(|p| p.get(index)).unwrap_or(&nothing);
                let place = Place { prior, config, planned };
                check_attributes(&nested.attributes, &place, &path.index(position(index)), problems);
            }
        }
        Nesting::Map => {
            check_keys("map key", place, path, problems);
            for (key, planned) in planned.entries().iter().flat_map(|e| e.iter()) {
                let Some(config) = config.attr(key) else { continue };
                let nothing = Value::null(planned.ty());
                let prior = prior.attr(key).unwrap_or(&nothing);
                let path = path.step(key_step(place.planned, key));
                check_attributes(&nested.attributes, &Place { prior, config, planned }, &path, problems);
            }
        }
        // As for blocks, elements cannot be compared; only their number, where nothing unknown may coincide.
        Nesting::Set => {
            let (p, c) =
                (planned.items().unwrap_or_default().len(), config.items().unwrap_or_default().len());
            if p != c && planned.is_wholly_known() && config.is_wholly_known() {
                problems.push((path.clone(), count_mismatch("count", p, c)));
            }
        }
    }
}

/// Reports keys that are only in the plan or only in the configuration.
fn check_keys(what: &str, place: &Place<'_>, path: &Path, problems: &mut Problems) {
    let keys =
        |value: &Value| value.entries().map(|e| e.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    for key in keys(place.planned).iter().filter(|key| place.config.attr(key).is_none()) {
        problems.push((path.clone(), format!("{what} {key:?} from plan is not present in config")));
    }
    for key in keys(place.config).iter().filter(|key| place.planned.attr(key).is_none()) {
        problems.push((path.clone(), format!("{what} {key:?} from config is not present in plan")));
    }
}

fn count_mismatch(what: &str, planned: usize, config: usize) -> String {
    format!("{what} in plan ({planned}) disagrees with count in config ({config})")
}

/// An index as a path holds it.
pub(crate) fn position(index: usize) -> Value {
    Value::number(i64::try_from(index).unwrap_or(i64::MAX))
}

/// The step to an entry of a map (by index) or of the object that stands for one (by attribute).
pub(crate) fn key_step(of: &Value, key: &Str) -> PathStep {
    match of.kind() {
        Kind::Object(_) => PathStep::Attr(key.clone()),
        _ => PathStep::Index(Value::string(key.clone())),
    }
}
