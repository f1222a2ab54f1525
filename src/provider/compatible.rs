use value::{Kind, Path, Refinement, Value};

use crate::compare::{child, conforms};
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::validity::{key_step, position};

type Problems = Vec<(Path, String)>;

/// What is wrong with a new state given what was planned (Terraform's `objchange.AssertObjectCompatible`).
///
/// Everything known in the plan must be the same in the result; what was unknown may be anything of its type
/// that its refinements allow. Marks are ignored.
pub fn assert_compatible(schema: &Block, planned: &Value, actual: &Value) -> Problems {
    let mut problems = Vec::new();
    check_block(schema, planned, actual, &Path::root(), &mut problems);
    problems
}

fn check_block(schema: &Block, planned: &Value, actual: &Value, path: &Path, problems: &mut Problems) {
    let root = if path.0.is_empty() { "root object " } else { "" };
    if planned.is_null() && !actual.is_null() {
        problems.push((path.clone(), format!("{root}was absent, but now present")));
        return;
    }
    if actual.is_null() && !planned.is_null() {
        problems.push((path.clone(), format!("{root}was present, but now absent")));
        return;
    }
    if planned.is_null() {
        return;
    }
    for (name, attribute) in &schema.attributes {
        let (planned, actual) = (child(planned, name, &attribute.ty), child(actual, name, &attribute.ty));
        check_attribute(attribute, &planned, &actual, &path.attr(name.clone()), problems);
    }
    for (name, block) in &schema.blocks {
        let ty = block.implied_type();
        let (planned, actual) = (child(planned, name, &ty), child(actual, name, &ty));
        check_nested_block(block, &planned, &actual, &path.attr(name.clone()), problems);
    }
}

fn check_attribute(
    attribute: &Attribute,
    planned: &Value,
    actual: &Value,
    path: &Path,
    problems: &mut Problems,
) {
    if planned == actual && planned.is_wholly_known() {
        return;
    }
    let mut found = Vec::new();
    check_value(planned, actual, path, &mut found);
    let secret =
        attribute.sensitive || planned.deep_marks().is_sensitive() || actual.deep_marks().is_sensitive();
    if secret && !found.is_empty() {
        // Which part differs and how would disclose the content.
        found = vec![(path.clone(), "inconsistent values for sensitive attribute".into())];
    }
    problems.extend(found);
}

fn check_nested_block(
    block: &NestedBlock,
    planned: &Value,
    actual: &Value,
    path: &Path,
    problems: &mut Problems,
) {
    match block.nesting {
        Nesting::Single | Nesting::Group => {
            // An unknown block may turn out to be no block.
            if planned.is_known() || !actual.is_null() {
                check_block(&block.block, planned, actual, path, problems);
            }
        }
        Nesting::List => {
            let (Some(planned), Some(actual)) = (planned.items(), actual.items()) else { return };
            if planned.len() != actual.len() {
                let message = format!("block count changed from {} to {}", planned.len(), actual.len());
                problems.push((path.clone(), message));
                return;
            }
            for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                check_block(&block.block, planned, actual, &path.index(position(index)), problems);
            }
        }
        Nesting::Map => check_block_map(block, planned, actual, path, problems),
        Nesting::Set => {
            if planned.is_null() || actual.is_null() {
                return;
            }
            let fits =
                |planned: &Value, actual: &Value| assert_compatible(&block.block, planned, actual).is_empty();
            let show = !block.block.holds_sensitive();
            check_set(SetCheck { length: "block set length", show }, planned, actual, path, problems, fits);
        }
    }
}

fn check_block_map(
    block: &NestedBlock,
    planned: &Value,
    actual: &Value,
    path: &Path,
    problems: &mut Problems,
) {
    let (Some(entries), Some(actual_entries)) = (planned.entries(), actual.entries()) else { return };
    for (key, planned_element) in entries.iter() {
        match actual_entries.get(key) {
            Some(actual) => {
                check_block(
                    &block.block,
                    planned_element,
                    actual,
                    &path.step(key_step(planned, key)),
                    problems,
                );
            }
            None => problems.push((path.clone(), format!("block key {key:?} has vanished"))),
        }
    }
    for key in actual_entries.keys().filter(|key| !entries.contains(key)) {
        problems.push((path.clone(), format!("new block key {key:?} has appeared")));
    }
}

fn check_value(planned: &Value, actual: &Value, path: &Path, problems: &mut Problems) {
    let ty = planned.ty();
    if ty == value::Type::Dynamic {
        return;
    }
    if !conforms(&actual.ty(), &ty) {
        let message = format!("wrong final value type: {ty} required, but have {}", actual.ty());
        problems.push((path.clone(), message));
        return;
    }
    if !planned.is_known() {
        if planned.refinement().is_some_and(|refinement| !includes(refinement, actual)) {
            let message =
                format!("final value {actual:?} does not conform to planning placeholder {planned:?}");
            problems.push((path.clone(), message));
        }
        return;
    }
    match (planned.is_null(), actual.is_null()) {
        (true, true) => return,
        (false, true) => {
            problems.push((path.clone(), format!("was {planned:?}, but now null")));
            return;
        }
        (true, false) => {
            problems.push((path.clone(), format!("was null, but now {actual:?}")));
            return;
        }
        (false, false) => {}
    }
    if !actual.is_known() {
        problems.push((path.clone(), "was known, but now unknown".into()));
        return;
    }
    match planned.kind() {
        Kind::List(_) | Kind::Tuple(_) => check_sequence(planned, actual, path, problems),
        Kind::Map(_) | Kind::Object(_) => check_mapping(planned, actual, path, problems),
        Kind::Set(_) => {
            let check = SetCheck { length: "length", show: true };
            check_set(check, planned, actual, path, problems, |planned, actual| {
                let mut found = Vec::new();
                check_value(planned, actual, &Path::root(), &mut found);
                found.is_empty()
            });
        }
        kind => {
            if kind != actual.kind() {
                problems.push((path.clone(), format!("was {planned:?}, but now {actual:?}")));
            }
        }
    }
}

fn check_sequence(planned: &Value, actual: &Value, path: &Path, problems: &mut Problems) {
    let (planned, actual) = (planned.items().unwrap_or_default(), actual.items().unwrap_or_default());
    for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
        check_value(planned, actual, &path.index(position(index)), problems);
    }
    for index in actual.len()..planned.len() {
        problems.push((path.clone(), format!("element {index} has vanished")));
    }
    for index in planned.len()..actual.len() {
        problems.push((path.clone(), format!("new element {index} has appeared")));
    }
}

fn check_mapping(planned: &Value, actual: &Value, path: &Path, problems: &mut Problems) {
    let (Some(entries), Some(actual_entries)) = (planned.entries(), actual.entries()) else { return };
    for (key, planned_element) in entries.iter() {
        match actual_entries.get(key) {
            Some(actual) => {
                check_value(planned_element, actual, &path.step(key_step(planned, key)), problems);
            }
            None => problems.push((path.clone(), format!("element {key:?} has vanished"))),
        }
    }
    for key in actual_entries.keys().filter(|key| !entries.contains(key)) {
        problems.push((path.clone(), format!("new element {key:?} has appeared")));
    }
}

/// How a set is reported: what its length is called, and whether elements may be shown.
#[derive(Clone, Copy)]
struct SetCheck {
    length: &'static str,
    show: bool,
}

/// Every element on either side needs one on the other that fits it; there may be fewer afterwards, as unknown
/// elements can turn out to be equal, but not more.
fn check_set(
    check: SetCheck,
    planned: &Value,
    actual: &Value,
    path: &Path,
    problems: &mut Problems,
    fits: impl Fn(&Value, &Value) -> bool,
) {
    let (Some(planned), Some(actual)) = (planned.items(), actual.items()) else { return };
    let mut explained = vec![false; actual.len()];
    for element in planned {
        let mut found = false;
        for (at, candidate) in actual.iter().enumerate() {
            // Equal elements are told quickly; only what was unknown needs the whole comparison.
            if (element == candidate) || fits(element, candidate) {
                explained[at] = true;
                found = true;
                if element.is_wholly_known() {
                    break;
                }
            }
        }
        if !found {
            let shown = shown(check, element);
            let message = format!("planned set element{shown} does not correlate with any element in actual");
            problems.push((path.clone(), message));
        }
    }
    for (element, _) in actual.iter().zip(explained).filter(|(_, explained)| !explained) {
        let shown = shown(check, element);
        let message = format!("actual set element{shown} does not correlate with any element in plan");
        problems.push((path.clone(), message));
    }
    if planned.len() < actual.len() {
        let message = format!("{} changed from {} to {}", check.length, planned.len(), actual.len());
        problems.push((path.clone(), message));
    }
}

fn shown(check: SetCheck, element: &Value) -> String {
    if check.show { format!(" {element:?}") } else { String::new() }
}

/// Whether a value is possible under what was known of the unknown one.
fn includes(refinement: &Refinement, actual: &Value) -> bool {
    if actual.is_null() {
        return !refinement.not_null;
    }
    let length = actual.items().map(<[_]>::len).or_else(|| actual.entries().map(value::Entries::len));
    let length = length.and_then(|n| u64::try_from(n).ok());
    let prefix_holds = match (&refinement.prefix, actual.as_str()) {
        (Some(prefix), Some(text)) => text.starts_with(prefix.as_str()),
        _ => true,
    };
    let length_holds = length.is_none_or(|n| {
        refinement.min_len.is_none_or(|min| n >= min) && refinement.max_len.is_none_or(|max| n <= max)
    });
    prefix_holds && length_holds
}
