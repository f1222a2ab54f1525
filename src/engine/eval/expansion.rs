use std::sync::Arc;

use addrs::{InstanceKey, Name};
use diag::{Diagnostic, Diagnostics, ValueInPlay};
use lang::{Scope, ValueNotes, evaluate, values_in_play};
use syntax::Expr;
use value::{Kind, Marks, Type, Value, convert};

/// What `count` and `each` are inside one instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repetition {
    pub count_index: Option<Value>,
    pub each_key: Option<Value>,
    pub each_value: Option<Value>,
}

/// Which instances there are.
#[derive(Clone, Debug)]
pub(crate) enum Expansion {
    Single,
    Count(u64),
    /// Sorted by key.
    ForEach(Arc<Vec<(Name, Value)>>),
}

impl Expansion {
    /// Evaluates `count` or `for_each`.
    pub fn evaluate(
        count: Option<&Expr>,
        for_each: Option<&Expr>,
        scope: &dyn Scope,
    ) -> Result<(Self, Diagnostics), Diagnostics> {
        match (count, for_each) {
            (Some(count), _) => evaluate_count(count, scope),
            (None, Some(for_each)) => evaluate_for_each(for_each, scope),
            (None, None) => Ok((Self::Single, Diagnostics::new())),
        }
    }

    /// What the stored keys of an object with `count`, `for_each` or neither amount to.
    pub fn of_keys(keys: &[InstanceKey], count: bool, for_each: bool) -> Self {
        if count {
            let last = keys.iter().filter_map(|key| match key {
                InstanceKey::Int(n) => Some(n + 1),
                _ => None,
            });
            Self::Count(last.max().unwrap_or(0))
        } else if for_each {
            let entries = keys.iter().filter_map(|key| match key {
                InstanceKey::String(key) => Some((key.clone(), Value::dynamic())),
                _ => None,
            });
            Self::ForEach(Arc::new(entries.collect()))
        } else {
            Self::Single
        }
    }

    /// Keys in order with what they make of `count` and `each`.
    pub fn instances(&self) -> Vec<(InstanceKey, Repetition)> {
        match self {
            Self::Single => vec![(InstanceKey::None, Repetition::default())],
            Self::Count(n) => (0..*n).map(|i| (InstanceKey::Int(i), Repetition::index(i))).collect(),
            Self::ForEach(entries) => entries
                .iter()
                .map(|(key, value)| (InstanceKey::String(key.clone()), Repetition::each(key, value)))
                .collect(),
        }
    }

    /// What `count` and `each` are for one key; `None` when there is no such instance.
    pub fn repetition(&self, key: &InstanceKey) -> Option<Repetition> {
        match (self, key) {
            (Self::Single, InstanceKey::None) => Some(Repetition::default()),
            (Self::Count(n), InstanceKey::Int(i)) if i < n => Some(Repetition::index(*i)),
            (Self::ForEach(entries), InstanceKey::String(key)) => {
                let at = entries.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
                Some(Repetition::each(&entries[at].0, &entries[at].1))
            }
            _ => None,
        }
    }

    pub fn contains(&self, key: &InstanceKey) -> bool {
        match (self, key) {
            (Self::Single, InstanceKey::None) => true,
            (Self::Count(n), InstanceKey::Int(i)) => i < n,
            (Self::ForEach(entries), InstanceKey::String(key)) => {
                entries.binary_search_by(|(k, _)| k.cmp(key)).is_ok()
            }
            _ => false,
        }
    }

    /// The value of the whole from its instances': itself, a tuple, or an object by key.
    pub fn assemble(&self, mut instance: impl FnMut(&InstanceKey) -> Option<Value>) -> Value {
        match self {
            Self::Single => instance(&InstanceKey::None).unwrap_or_else(Value::dynamic),
            Self::Count(n) => Value::tuple(
                (0..*n).map(|i| instance(&InstanceKey::Int(i)).unwrap_or_else(Value::dynamic)).collect(),
            ),
            Self::ForEach(entries) => Value::object_of(entries.iter().map(|(key, _)| {
                let value = instance(&InstanceKey::String(key.clone())).unwrap_or_else(Value::dynamic);
                (key.clone(), value)
            })),
        }
    }
}

impl Repetition {
    fn index(i: u64) -> Self {
        Self { count_index: Some(Value::number(i64::try_from(i).unwrap_or(i64::MAX))), ..Self::default() }
    }

    fn each(key: &Name, value: &Value) -> Self {
        Self {
            each_key: Some(Value::string(key.clone())),
            each_value: Some(value.clone()),
            ..Self::default()
        }
    }

    /// For checking without values.
    pub fn unknown(count: bool, for_each: bool) -> Self {
        Self {
            count_index: count.then(|| Value::unknown(Type::Number)),
            each_key: for_each.then(|| Value::unknown(Type::String)),
            each_value: for_each.then(Value::dynamic),
        }
    }
}

fn evaluate_count(expr: &Expr, scope: &dyn Scope) -> Result<(Expansion, Diagnostics), Diagnostics> {
    let (value, diagnostics) = evaluate(expr, scope);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let refuse = |detail: String| {
        Err(Diagnostic::error("Invalid count argument", detail)
            .at(expr.span)
            .values(in_play(expr, scope))
            .into())
    };
    if value.marks().contains(Marks::EPHEMERAL) {
        return refuse("The given \"count\" is derived from an ephemeral value, which means that groma cannot persist it between plan/apply rounds. Use only non-ephemeral values to specify the number of resource instances.".into());
    }
    let value = match convert(&value.unmark(), &Type::Number) {
        Ok(value) => value,
        Err(error) => {
            return refuse(format!("The given \"count\" argument value is unsuitable: {error}."));
        }
    };
    match value.kind() {
        Kind::Unknown(..) => refuse("The \"count\" value depends on resource attributes that cannot be determined until apply, so groma cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.".into()),
        Kind::Null(_) => refuse("The given \"count\" argument value is null. An integer is required.".into()),
        _ => match value.as_i64() {
            Some(n) if n < 0 => {
                refuse("The given \"count\" argument value is unsuitable: must be greater than or equal to zero.".into())
            }
            Some(n) if n > MAX_INSTANCES => {
                refuse(format!("The given \"count\" argument value is unsuitable: at most {MAX_INSTANCES} instances are possible."))
            }
            Some(n) => Ok((Expansion::Count(u64::try_from(n).unwrap_or(0)), diagnostics)),
            None => refuse("The given \"count\" argument value is unsuitable: a whole number is required.".into()),
        },
    }
}

fn evaluate_for_each(expr: &Expr, scope: &dyn Scope) -> Result<(Expansion, Diagnostics), Diagnostics> {
    let (value, diagnostics) = evaluate(expr, scope);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let refuse = |detail: &str| {
        let error = Diagnostic::error("Invalid for_each argument", detail);
        Err(error.at(expr.span).values(in_play(expr, scope)).into())
    };
    let shared = value.marks();
    if shared.is_sensitive() {
        return refuse(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.",
        );
    }
    if shared.is_ephemeral() {
        return refuse(
            "Ephemeral values, or values derived from ephemeral values, cannot be used as for_each arguments. If used, the set of resource instances would not be the same in the apply phase as it was in planning.",
        );
    }
    let unknown_map = "The \"for_each\" map includes keys derived from resource attributes that cannot be determined until apply, and so groma cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in the map values.\n\nAlternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge.";
    let unknown_set = "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, and so groma cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to use a map value where the keys are defined statically in your configuration and where only the values contain apply-time results.\n\nAlternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge.";
    let unsuitable = "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type";
    match value.kind() {
        Kind::Null(_) => refuse(
            "The given \"for_each\" argument value is unsuitable: the given \"for_each\" argument value is null. A map, or set of strings is allowed.",
        ),
        Kind::Unknown(Type::Set(_), _) => refuse(unknown_set),
        Kind::Unknown(Type::Map(_) | Type::Object(_) | Type::Dynamic, _) => refuse(unknown_map),
        Kind::Map(m) | Kind::Object(m) => {
            let entries = m.entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            Ok((Expansion::ForEach(Arc::new(entries)), diagnostics))
        }
        Kind::Set(s) => {
            let mut entries = Vec::with_capacity(s.items().len());
            for item in s.items() {
                match item.kind() {
                    Kind::String(key) => entries.push((key.clone(), item.clone())),
                    Kind::Unknown(Type::String | Type::Dynamic, _) => return refuse(unknown_set),
                    Kind::Null(_) => {
                        return refuse(
                            "The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.",
                        );
                    }
                    _ => {
                        return refuse(&format!(
                            "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.",
                            item.ty().friendly_name()
                        ));
                    }
                }
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Ok((Expansion::ForEach(Arc::new(entries)), diagnostics))
        }
        _ => refuse(&format!("{unsuitable} {}.", value.ty().friendly_name())),
    }
}

/// What the references are: that something is unknown or sensitive is what these errors are mostly about.
fn in_play(expr: &Expr, scope: &dyn Scope) -> Vec<ValueInPlay> {
    values_in_play(expr, scope, ValueNotes { sensitive: true, unknown: true })
}

/// As many as an instance key's text stays readable for; guards memory against a mistyped count.
const MAX_INSTANCES: i64 = 10_000_000;
