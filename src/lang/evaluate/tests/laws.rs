//! Laws of evaluation, over generated expressions.

use diag::FileId;
use proptest::prelude::*;
use value::{Kind, Marks, Type, Value, convert};

use super::{TestScope, parse, unknown_like};
use crate::evaluate::evaluate;

/// Variables and other values of their types to put in their place.
const OTHERS: [(&str, &str); 10] = [
    ("n", "5"),
    ("s", "\"other\""),
    ("nul", "\"set\""),
    ("l", "[\"z\"]"),
    ("e", "[\"q\", \"r\"]"),
    ("m", "{ c = 7 }"),
    ("set", "[\"x\"]"),
    ("o", "{ a = 9, b = \"nine\", c = [] }"),
    ("b", "false"),
    ("nullist", "[\"x\"]"),
];

/// What kind of value an expression should have, so that most of those generated are without errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Number,
    Text,
    Bool,
    List,
    Object,
    Any,
}

/// Writes an expression; each byte decides one choice. Inside, the names `x` and `k` are bound.
struct Writer<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

impl Writer<'_> {
    fn choice(&mut self, of: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % of)
    }

    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let at = self.choice(texts.len());
        texts[at]
    }

    fn expr(&mut self, want: Want, depth: usize) -> String {
        if depth == 0 || self.choice(8) == 0 {
            return self.leaf(want).to_owned();
        }
        // Sometimes another kind, for conversions and errors.
        let want = if self.choice(24) == 0 { Want::Any } else { want };
        if let Some(text) = self.common(want, depth) {
            return text;
        }
        match want {
            Want::Number => self.number(depth - 1),
            Want::Text => self.text(depth - 1),
            Want::Bool => self.bool(depth - 1),
            Want::List => self.list(depth - 1),
            Want::Object => self.object(depth - 1),
            Want::Any => {
                let kinds = [Want::Number, Want::Text, Want::Bool, Want::List, Want::Object];
                let kind = kinds[self.choice(kinds.len())];
                self.expr(kind, depth - 1)
            }
        }
    }

    fn leaf(&mut self, want: Want) -> &'static str {
        match want {
            Want::Number => {
                self.pick(&["0", "1", "2", "-1", "1.5", "var.n", "var.n", "var.o.a", "var.m.a", "k"])
            }
            Want::Text => self
                .pick(&["\"a\"", "\"\"", "\"1\"", "var.s", "var.s", "var.l[0]", "var.nul", "x", "var.o.b"]),
            Want::Bool => self.pick(&["true", "false", "var.b", "var.b", "\"true\""]),
            Want::List => self.pick(&[
                "[]",
                "var.l",
                "var.l",
                "var.e",
                "var.set",
                "var.lo",
                "var.t",
                "var.o.c",
                "var.nullist",
            ]),
            Want::Object => self.pick(&["{}", "var.o", "var.m", "var.m", "{ a = 1, b = var.s }"]),
            Want::Any => self.pick(&["null", "x", "k", "1", "\"a\"", "var.l", "var.o", "var.b", "var.nul"]),
        }
    }

    /// Forms that can have any kind of value.
    fn common(&mut self, want: Want, depth: usize) -> Option<String> {
        let inner = depth - 1;
        Some(match self.choice(12) {
            0 => {
                let (c, a, b) =
                    (self.expr(Want::Bool, inner), self.expr(want, inner), self.expr(want, inner));
                format!("({c} ? {a} : {b})")
            }
            1 => {
                let (a, b) = (self.expr(want, inner), self.expr(want, inner));
                let at = self.expr(Want::Number, inner);
                format!("[{a}, {b}][{at}]")
            }
            2 => {
                let (a, b) = (self.expr(want, inner), self.expr(Want::Any, inner));
                let key = self.pick(&[".a", "[\"a\"]", "[var.l[0]]", "[var.nul == null ? \"a\" : \"b\"]"]);
                format!("{{ a = {a}, b = {b} }}{key}")
            }
            3 => {
                let (a, b) = (self.expr(Want::Any, inner), self.expr(want, inner));
                format!("try({a}, {b})")
            }
            4 => {
                let (a, list) = (self.expr(want, inner), self.expr(Want::List, inner));
                format!("[for k, x in concat({list}, [1]) : {a}][0]")
            }
            _ => return None,
        })
    }

    fn number(&mut self, depth: usize) -> String {
        match self.choice(3) {
            0 => {
                let of = [Want::List, Want::Object][self.choice(2)];
                format!("length({})", self.expr(of, depth))
            }
            1 => format!("-({})", self.expr(Want::Number, depth)),
            _ => {
                let (a, b) = (self.expr(Want::Number, depth), self.expr(Want::Number, depth));
                format!("({a} {} {b})", self.pick(&["+", "-", "*", "/", "%"]))
            }
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let (a, b) = (self.expr(Want::Text, depth), self.expr(Want::Text, depth));
        match self.choice(5) {
            0 => format!("\"p-${{{a}}}${{{b}}}\""),
            1 => {
                let c = self.expr(Want::Bool, depth);
                format!("\"%{{ if {c} }}${{{a}}}%{{ else }}q${{{b}}}%{{ endif }}\"")
            }
            2 => {
                let list = self.expr(Want::List, depth);
                format!("\"s%{{ for k, x in {list} }}${{{b}}},%{{ endfor }}\"")
            }
            3 => format!("upper({a})"),
            _ => format!("join(\"-\", [{a}, {b}])"),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        match self.choice(6) {
            0 => format!("!({})", self.expr(Want::Bool, depth)),
            1 => {
                let (a, b) = (self.expr(Want::Bool, depth), self.expr(Want::Bool, depth));
                format!("({a} {} {b})", self.pick(&["&&", "||"]))
            }
            2 => {
                let (a, b) = (self.expr(Want::Number, depth), self.expr(Want::Number, depth));
                format!("({a} {} {b})", self.pick(&["<", "<=", ">", ">="]))
            }
            3 => format!("can({})", self.expr(Want::Any, depth)),
            _ => {
                let kinds = [Want::Number, Want::Text, Want::List, Want::Object, Want::Any];
                let kind = kinds[self.choice(kinds.len())];
                let (a, b) = (self.expr(kind, depth), self.expr(kind, depth));
                format!("({a} {} {b})", self.pick(&["==", "!="]))
            }
        }
    }

    fn list(&mut self, depth: usize) -> String {
        let want = [Want::Number, Want::Text, Want::Object, Want::Any][self.choice(4)];
        match self.choice(7) {
            0 => format!("[{}, {}]", self.expr(want, depth), self.expr(want, depth)),
            1 => format!("{}[*]", self.leaf(Want::Any)),
            2 => format!("var.lo[*].{}", self.pick(&["id", "n", "tags"])),
            3 => format!("[{{ a = {} }}, {{ a = {} }}][*].a", self.expr(want, depth), self.expr(want, depth)),
            4 => format!("concat({}, {})", self.expr(Want::List, depth), self.expr(Want::List, depth)),
            5 => format!("[for k, x in {} : {}]", self.iterable(depth), self.expr(want, depth)),
            _ => format!(
                "[for k, x in {} : {} if {}]",
                self.iterable(depth),
                self.expr(want, depth),
                self.expr(Want::Bool, depth)
            ),
        }
    }

    fn object(&mut self, depth: usize) -> String {
        let want = [Want::Number, Want::Text, Want::List, Want::Any][self.choice(4)];
        match self.choice(5) {
            0 => format!("{{ a = {}, b = {} }}", self.expr(want, depth), self.expr(want, depth)),
            1 => format!("{{ ({}) = {} }}", self.expr(Want::Text, depth), self.expr(want, depth)),
            2 => format!("merge({}, {})", self.expr(Want::Object, depth), self.expr(Want::Object, depth)),
            3 => format!(
                "{{ for k, x in {} : \"i${{k}}\" => {} if {} }}",
                self.iterable(depth),
                self.expr(want, depth),
                self.expr(Want::Bool, depth)
            ),
            _ => format!(
                "{{ for k, x in {} : {} => {}... }}",
                self.iterable(depth),
                self.expr(Want::Text, depth),
                self.expr(want, depth)
            ),
        }
    }

    fn iterable(&mut self, depth: usize) -> String {
        let of = [Want::List, Want::Object][self.choice(2)];
        self.expr(of, depth)
    }
}

fn expression() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 8..160).prop_map(|bytes| {
        let mut writer = Writer { bytes: bytes.iter() };
        let want =
            [Want::Any, Want::List, Want::Object, Want::Bool, Want::Text, Want::Number][writer.choice(6)];
        format!("[for k, x in [\"1\", \"i\"] : {}][0]", writer.expr(want, 5))
    })
}

/// Whether two results agree in all that is shown of both. Where one is sensitive and the other is not, an error that
/// did not count has been hidden.
fn agree(one: &Value, two: &Value) -> bool {
    if one.is_sensitive() || two.is_sensitive() {
        return true;
    }
    match (one.kind(), two.kind()) {
        (Kind::Tuple(a) | Kind::List(a), Kind::Tuple(b) | Kind::List(b)) => {
            a.items().len() == b.items().len() && a.items().iter().zip(b.items()).all(|(a, b)| agree(a, b))
        }
        (Kind::Map(a) | Kind::Object(a), Kind::Map(b) | Kind::Object(b)) => {
            a.entries().len() == b.entries().len()
                && a.entries().iter().zip(b.entries().iter()).all(|((k, a), (l, b))| k == l && agree(a, b))
        }
        // Types are not secret.
        (Kind::Null(_), Kind::Null(_)) => true,
        (a, b) => a == b,
    }
}

/// Whether a value with unknown parts may turn out to be another. As in Terraform a conditional expression with one
/// side of a type not known yet cannot convert the other: that may still happen.
fn may_become(early: &Value, late: &Value) -> bool {
    is_start_of(early, late)
        || convert(early, &late.ty()).is_ok_and(|converted| is_start_of(&converted, late))
}

fn is_start_of(early: &Value, late: &Value) -> bool {
    match (early.kind(), late.kind()) {
        (Kind::Unknown(Type::Dynamic, _), _) => true,
        (Kind::Unknown(ty, refinement), _) => {
            let allowed = refinement.as_deref().is_none_or(|r| {
                let text =
                    late.as_str().is_none_or(|s| r.prefix.as_ref().is_none_or(|p| s.starts_with(p.as_str())));
                let count = late.items().map(<[Value]>::len).or(late.entries().map(value::Entries::len));
                let count = count.and_then(|n| u64::try_from(n).ok());
                let long_enough = count.is_none_or(|n| r.min_len.is_none_or(|least| n >= least));
                let short_enough = count.is_none_or(|n| r.max_len.is_none_or(|most| n <= most));
                !(r.not_null && late.is_null()) && text && long_enough && short_enough
            });
            allowed && fits(ty, &late.ty())
        }
        (Kind::Tuple(a), Kind::Tuple(b)) | (Kind::List(a), Kind::List(b)) => {
            a.items().len() == b.items().len()
                && a.items().iter().zip(b.items()).all(|(a, b)| may_become(a, b))
        }
        (Kind::Set(a), Kind::Set(b)) => {
            early.is_wholly_known() == (a.items() == b.items()) || !early.is_wholly_known()
        }
        (Kind::Map(a), Kind::Map(b)) | (Kind::Object(a), Kind::Object(b)) => {
            a.entries().len() == b.entries().len()
                && a.entries()
                    .iter()
                    .zip(b.entries().iter())
                    .all(|((k, a), (l, b))| k == l && may_become(a, b))
        }
        (Kind::Null(ty), Kind::Null(late)) => fits(ty, late) || fits(late, ty),
        (a, b) => a == b,
    }
}

/// Whether the type of a value may become another as what is unknown of it becomes known.
fn fits(early: &Type, late: &Type) -> bool {
    match (early, late) {
        (Type::Dynamic, _) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            fits(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| fits(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && fits(a, b))
        }
        // The type of a null literal is open.
        (_, Type::Dynamic) => true,
        (a, b) => a == b,
    }
}

fn run(text: &str, scope: &TestScope) -> Result<Value, String> {
    let (expr, found) = syntax::parse_expression(FileId(0), text);
    if found.has_errors() {
        return Err(format!("does not parse: {found:?}"));
    }
    let (value, found) = evaluate(&expr, scope);
    if found.has_errors() { Err(format!("{found:?}")) } else { Ok(value) }
}

fn other_value(scope: &TestScope, name: &str, text: &str) -> Value {
    let (value, found) = evaluate(&parse(text), scope);
    assert!(found.is_empty(), "{text}: {found:?}");
    let like = scope.get(name).expect("it is a variable of the tests");
    convert(&value, &like.ty()).expect("it is of the same type")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// What is known while an input is unknown stays so once it is known, and nothing is an error only because
    /// something is unknown.
    #[test]
    fn an_unknown_input_never_yields_another_known_result(text in expression(), which in 0..OTHERS.len(), open in any::<bool>()) {
        // As Terraform's, `try` and `can` go by the result: what is wrong with a part that is not in it may only be
        // found once more is known.
        let text = text.replace("try(", "coalesce(").replace("can(", "tostring(");
        let scope = TestScope::new();
        if let Ok(late) = run(&text, &scope) {
            let name = OTHERS[which].0;
            let known = scope.get(name).expect("it is a variable of the tests");
            let unknown = if open { Value::dynamic() } else { unknown_like(known) };
            // Types are unified in ways of their own where one is not known yet, as in Terraform.
            let open = open && (text.contains('?') || text.contains("concat(") || text.contains("merge("));
            match run(&text, &scope.with(name, unknown)) {
                Ok(_) if open => {}
                Ok(early) => {
                    prop_assert!(may_become(&early, &late), "{text} with {name} unknown: {early:?}, then {late:?}");
                }
                // An operation that only null survives is refused while it is not known to be null. An error of what is
                // not chosen does not count, but while it is unknown which is, there may be one.
                Err(why) => prop_assert!(
                    known.is_null() || ["||", "&&", "?"].iter().any(|choice| text.contains(choice)),
                    "{text} with {name} unknown: {why}"
                ),
            }
        }
    }

    /// Two runs that differ only in a sensitive input differ only in sensitive parts of the result.
    #[test]
    fn a_sensitive_input_shows_only_in_sensitive_results(text in expression(), which in 0..OTHERS.len()) {
        // Whether something is an error is not secret.
        let text = text.replace("try(", "coalesce(").replace("can(", "tostring(");
        let scope = TestScope::new();
        let (name, other) = OTHERS[which];
        let one = scope.get(name).expect("it is a variable of the tests").clone().mark(Marks::SENSITIVE);
        let two = other_value(&scope, name, other).mark(Marks::SENSITIVE);
        if let (Ok(one), Ok(two)) = (run(&text, &scope.with(name, one)), run(&text, &scope.with(name, two))) {
            prop_assert!(agree(&one, &two), "{text} with {name} sensitive: {one:?}, {two:?}");
        }
    }
}
