//! Bodies of resources: attributes, then nested blocks.

use std::collections::{BTreeMap, BTreeSet};

use provider::{Block, NestedBlock, Nesting};
use value::{Kind, Path, PathStep, Str, Value};

use super::diff::{Change, Context, Diff, compute, present};
use super::render::Renderer;
use super::text;

/// The difference of two objects under a schema.
#[derive(Clone, Debug)]
pub struct BlockDiff {
    change: Change,
    replace: bool,
    attributes: BTreeMap<Str, Diff>,
    blocks: BTreeMap<Str, Vec<Nested>>,
}

/// One nested block: its label if it has one, and what it holds.
#[derive(Clone, Debug)]
struct Nested {
    label: Option<Str>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Block(BlockDiff),
    /// Something in it is sensitive as a whole, or not known yet.
    Hidden(Change, &'static str),
}

/// Compares two objects of a schema's implied type; null is absent.
pub fn block_diff(
    schema: &Block,
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    paths: &[Path],
) -> BlockDiff {
    let mut attributes = BTreeMap::new();
    for (name, attribute) in &schema.attributes {
        let (old, new) = (part(before, name), part(after, name));
        if old.is_none() && new.is_none() {
            continue;
        }
        trail.push(PathStep::Attr(name.clone()));
        attributes.insert(name.clone(), compute(old, new, trail, Context::attribute(attribute, paths)));
        trail.pop();
    }
    let mut blocks = BTreeMap::new();
    for (name, nested) in &schema.blocks {
        trail.push(PathStep::Attr(name.clone()));
        let found = nested_diffs(nested, part(before, name), part(after, name), trail, paths);
        trail.pop();
        if !found.is_empty() {
            blocks.insert(name.clone(), found);
        }
    }
    let change = match (before, after) {
        (None, _) => Change::Create,
        (_, None) => Change::Delete,
        (Some(a), Some(b)) if a == b => Change::None,
        _ => Change::Update,
    };
    BlockDiff {
        change,
        replace: paths.iter().any(|path| path.0 == *trail) && !trail.is_empty(),
        attributes,
        blocks,
    }
}

fn part<'a>(object: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    object?.attr(name).and_then(present)
}

fn nested_diffs(
    nested: &NestedBlock,
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    paths: &[Path],
) -> Vec<Nested> {
    let one = |label: Option<Str>, old: Option<&Value>, new: Option<&Value>, trail: &mut Vec<PathStep>| {
        content(&nested.block, old, new, trail, paths).map(|content| Nested { label, content })
    };
    if matches!(nested.nesting, Nesting::Single | Nesting::Group) || !after.is_none_or(Value::is_known) {
        return one(None, before, after, trail).into_iter().collect();
    }
    match nested.nesting {
        Nesting::Map => {
            let keys: BTreeSet<&Str> = [before, after]
                .into_iter()
                .flatten()
                .filter_map(Value::entries)
                .flat_map(|e| e.keys())
                .collect();
            keys.into_iter()
                .filter_map(|key| {
                    trail.push(PathStep::Index(Value::string(key.clone())));
                    let found = one(Some(key.clone()), part(before, key), part(after, key), trail);
                    trail.pop();
                    found
                })
                .collect()
        }
        Nesting::Set => {
            let (old, new) = (items(before), items(after));
            let gone = old.iter().map(|item| (Some(item), new.contains(item).then_some(item)));
            let come = new.iter().filter(|item| !old.contains(item)).map(|item| (None, Some(item)));
            gone.chain(come).filter_map(|(a, b)| one(None, a, b, trail)).collect()
        }
        _ => {
            let (old, new) = (items(before), items(after));
            (0..old.len().max(new.len()))
                .filter_map(|i| {
                    trail.push(PathStep::Index(Value::number(i64::try_from(i).unwrap_or(i64::MAX))));
                    let found = one(None, old.get(i), new.get(i), trail);
                    trail.pop();
                    found
                })
                .collect()
        }
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::items).unwrap_or_default()
}

fn content(
    schema: &Block,
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    paths: &[Path],
) -> Option<Content> {
    if before.is_none() && after.is_none() {
        return None;
    }
    let change = match (before, after) {
        (None, _) => Change::Create,
        (_, None) => Change::Delete,
        _ => Change::Update,
    };
    if [before, after].into_iter().flatten().any(Value::is_sensitive) {
        return Some(Content::Hidden(change, SENSITIVE));
    }
    if after.is_some_and(|after| matches!(after.kind(), Kind::Unknown(..))) {
        return Some(Content::Hidden(change, "(known after apply)"));
    }
    Some(Content::Block(block_diff(schema, before, after, trail, paths)))
}

impl Content {
    fn change(&self) -> Change {
        match self {
            Self::Block(block) => block.change,
            Self::Hidden(change, _) => *change,
        }
    }
}

impl Renderer {
    /// `{` ... `}` at an indent, with a remark behind the opening brace.
    pub fn block(self, block: &BlockDiff, indent: usize) -> String {
        let pad = "    ".repeat(indent + 1);
        let forces = if block.replace { " # forces replacement" } else { "" };
        let mut out = format!("{{{forces}\n");
        let important = |name: &Str| indent == 0 && matches!(name.as_str(), "id" | "name" | "tags");
        let shown = |name: &Str, diff: &Diff| self.all || diff.change != Change::None || important(name);
        let width = block.attributes.keys().map(|name| text::name(name).chars().count()).max().unwrap_or(0);
        let mut hidden = 0;
        for (name, diff) in &block.attributes {
            if !shown(name, diff) {
                hidden += 1;
                continue;
            }
            for line in self.warnings(diff, indent + 1) {
                out.push_str(&format!("{line}\n"));
            }
            // An important attribute that stays is shown whole.
            let renderer = if diff.change == Change::None { Self { all: true, ..self } } else { self };
            let value = renderer.value(diff, indent + 1);
            out.push_str(&format!(
                "{pad}{}{:width$} = {value}\n",
                self.symbol(diff.change),
                text::name(name)
            ));
        }
        if hidden > 0 {
            out.push_str(&format!("{pad}    {}\n", self.hidden(hidden, "attribute")));
        }
        self.nested(block, indent, &mut out);
        format!("{out}{}    }}", "    ".repeat(indent))
    }

    fn nested(self, block: &BlockDiff, indent: usize, out: &mut String) {
        let pad = "    ".repeat(indent + 1);
        let mut hidden = 0;
        for (name, group) in &block.blocks {
            let mut first = true;
            for nested in group {
                let change = nested.content.change();
                if change == Change::None && !self.all {
                    hidden += 1;
                    continue;
                }
                if std::mem::take(&mut first) && out.lines().count() > 1 {
                    out.push('\n');
                }
                let label = nested.label.as_ref().map(|l| format!(" {}", text::quote(l))).unwrap_or_default();
                let body = match &nested.content {
                    Content::Block(block) => self.block(block, indent + 1),
                    Content::Hidden(_, why) => format!("{{\n{pad}        {why}\n{pad}    }}"),
                };
                out.push_str(&format!("{pad}{}{}{label} {body}\n", self.symbol(change), text::name(name)));
            }
        }
        if hidden > 0 {
            out.push_str(&format!("\n{pad}    {}\n", self.hidden(hidden, "block")));
        }
    }
}

const SENSITIVE: &str = "# At least one attribute in this block is (or was) sensitive,\n        # so its contents will not be displayed.";
