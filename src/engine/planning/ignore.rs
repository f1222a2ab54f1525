//! `ignore_changes`: the prior value in place of the configured one.

use config::IgnoreChanges;
use syntax::Traversal;
use value::{Entries, Kind, PathStep, Type, Value};

use super::triggers::path_step;

/// The configuration with what is to be ignored as it was.
pub(crate) fn ignore_changes(ignore: &IgnoreChanges, prior: &Value, config: &Value) -> Value {
    if prior.is_null() {
        return config.clone();
    }
    match ignore {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => prior.clone(),
        IgnoreChanges::Paths(paths) => {
            paths.iter().fold(config.clone(), |config, path| ignore_at(&config, prior, &steps(path)))
        }
    }
}

fn steps(path: &Traversal) -> Vec<PathStep> {
    std::iter::once(PathStep::Attr(path.root.name.clone()))
        .chain(path.steps.iter().filter_map(path_step))
        .collect()
}

fn ignore_at(config: &Value, prior: &Value, steps: &[PathStep]) -> Value {
    let Some((step, rest)) = steps.split_first() else { return prior.clone() };
    match (step, config.kind()) {
        (PathStep::Attr(name), Kind::Object(_)) => match (config.attr(name), prior.attr(name)) {
            (Some(old), Some(prior)) => config.with_attr(name, ignore_at(old, prior, rest)),
            _ => config.clone(),
        },
        (PathStep::Attr(name), _) => {
            let index = PathStep::Index(Value::string(name.clone()));
            ignore_key(config, prior, &index, rest)
        }
        (PathStep::Index(_), _) => ignore_key(config, prior, step, rest),
    }
}

fn ignore_key(config: &Value, prior: &Value, step: &PathStep, rest: &[PathStep]) -> Value {
    let PathStep::Index(key) = step else { return config.clone() };
    match (config.kind(), key.kind()) {
        (Kind::Map(map), Kind::String(key)) => {
            let mut entries = map.entries().clone();
            match (entries.get(key).cloned(), prior.attr(key)) {
                (Some(old), Some(prior)) => {
                    entries.insert(key.clone(), ignore_at(&old, prior, rest));
                }
                (None, Some(prior)) if rest.is_empty() => {
                    entries.insert(key.clone(), prior.clone());
                }
                (Some(_), None) => {
                    entries.remove(key);
                }
                _ => {}
            }
            Value::map(map.element().clone(), entries).mark(config.marks())
        }
        // The whole map is left out: only the ignored key stays.
        (Kind::Null(Type::Map(element)), Kind::String(key)) => match prior.attr(key) {
            Some(kept) if rest.is_empty() => {
                Value::map((**element).clone(), Entries::from_iter([(key.clone(), kept.clone())]))
            }
            _ => config.clone(),
        },
        (Kind::Object(_), Kind::String(key)) => match (config.attr(key), prior.attr(key)) {
            (Some(old), Some(prior)) => config.with_attr(key, ignore_at(old, prior, rest)),
            _ => config.clone(),
        },
        (Kind::List(list) | Kind::Tuple(list), Kind::Number(n)) => {
            let at = n.to_i64().and_then(|n| usize::try_from(n).ok());
            let prior = at.zip(prior.items()).and_then(|(at, items)| items.get(at).map(|item| (at, item)));
            let Some((at, prior)) = prior.filter(|(at, _)| *at < list.items().len()) else {
                return config.clone();
            };
            let mut items = list.items().to_vec();
            items[at] = ignore_at(&items[at], prior, rest);
            let rebuilt = match config.kind() {
                Kind::List(_) => Value::list(list.element().clone(), items),
                _ => Value::tuple(items),
            };
            rebuilt.mark(config.marks())
        }
        _ => config.clone(),
    }
}
