//! hcl-edit, another parser of the language, as a second opinion on generated files.

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{BlockLabel, Body, Structure};
use hcl_edit::template::{Directive, Element, Template};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::generate::{Forms, Generator};
use super::{FILE, shape};
use crate::parse_file;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hcl_edit_reads_the_same(choices in vec(any::<u8>(), 0..300)) {
        let text = Generator::new(&choices, Forms::Common).file();
        let (ours, diagnostics) = parse_file(FILE, &text);
        prop_assert!(diagnostics.is_empty(), "{}\n{:?}", text, diagnostics);
        let theirs: Body = text.parse().map_err(|error| {
            proptest::test_runner::TestCaseError::fail(format!("{text}\n{error}"))
        })?;
        prop_assert_eq!(shape::body(&ours), body(&theirs), "{}", text);
    }
}

fn body(body: &Body) -> String {
    let mut attributes = Vec::new();
    let mut blocks = Vec::new();
    for structure in body {
        match structure {
            Structure::Attribute(a) => attributes.push(format!("{} = {}", a.key.as_str(), expr(&a.value))),
            Structure::Block(block) => {
                let labels: String = block
                    .labels
                    .iter()
                    .map(|label| match label {
                        BlockLabel::Ident(ident) => format!(" {:?}", ident.as_str()),
                        BlockLabel::String(text) => format!(" {:?}", text.as_str()),
                    })
                    .collect();
                blocks.push(format!("{}{labels} {{ {} }}", block.ident.as_str(), self::body(&block.body)));
            }
        }
    }
    attributes.extend(blocks);
    attributes.join("; ")
}

fn expr(expression: &Expression) -> String {
    match expression {
        Expression::Null(_) => "null".into(),
        Expression::Bool(is) => is.to_string(),
        Expression::Number(number) => {
            let digits = number.value().to_string();
            digits.strip_prefix('-').map_or(digits.clone(), |positive| format!("(Negate {positive})"))
        }
        Expression::String(text) => format!("{:?}", text.as_str()),
        Expression::Array(items) => format!("[{}]", list(items.iter())),
        Expression::Object(object) => {
            let items: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("{}={}", self::key(key), expr(value.expr())))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Expression::StringTemplate(template) => self::template(template),
        Expression::HeredocTemplate(heredoc) => self::template(&heredoc.template),
        Expression::Parenthesis(inner) => format!("paren({})", expr(inner.inner())),
        Expression::Variable(name) => name.as_str().into(),
        Expression::Conditional(parts) => {
            format!("(? {} {} {})", expr(&parts.cond_expr), expr(&parts.true_expr), expr(&parts.false_expr))
        }
        Expression::FuncCall(call) => {
            let mut names: Vec<_> = call.name.namespace.iter().map(|name| name.as_str()).collect();
            names.push(call.name.name.as_str());
            let dots = if call.args.expand_final() { "..." } else { "" };
            format!("{}({}{dots})", names.join("::"), list(call.args.iter()))
        }
        Expression::Traversal(traversal) => self::traversal(traversal),
        Expression::UnaryOp(unary) => {
            let name = match unary.operator.value() {
                UnaryOperator::Neg => "Negate",
                UnaryOperator::Not => "Not",
            };
            format!("({name} {})", expr(&unary.expr))
        }
        Expression::BinaryOp(binary) => {
            let name = operator(*binary.operator.value());
            format!("({name} {} {})", expr(&binary.lhs_expr), expr(&binary.rhs_expr))
        }
        Expression::ForExpr(parts) => {
            let names =
                parts.intro.key_var.as_ref().map_or_else(String::new, |key| format!("{},", key.as_str()));
            let collection = expr(&parts.intro.collection_expr);
            let key = parts.key_expr.as_ref().map_or_else(String::new, |key| format!("{} => ", expr(key)));
            let group = if parts.grouping { "..." } else { "" };
            let condition =
                parts.cond.as_ref().map_or_else(String::new, |c| format!(" if {}", expr(&c.expr)));
            let (value, result) = (parts.intro.value_var.as_str(), expr(&parts.value_expr));
            format!("for({names}{value} in {collection}: {key}{result}{group}{condition})")
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a Expression>) -> String {
    items.map(expr).collect::<Vec<_>>().join(", ")
}

fn key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => name.as_str().into(),
        ObjectKey::Expression(Expression::Variable(name)) => name.as_str().into(),
        ObjectKey::Expression(key) => format!("({})", expr(key)),
    }
}

fn operator(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Eq => "Equal",
        BinaryOperator::NotEq => "NotEqual",
        BinaryOperator::LessEq => "LessEqual",
        BinaryOperator::GreaterEq => "GreaterEqual",
        BinaryOperator::Less => "Less",
        BinaryOperator::Greater => "Greater",
        BinaryOperator::Plus => "Add",
        BinaryOperator::Minus => "Subtract",
        BinaryOperator::Mul => "Multiply",
        BinaryOperator::Div => "Divide",
        BinaryOperator::Mod => "Modulo",
        BinaryOperator::And => "And",
        BinaryOperator::Or => "Or",
    }
}

/// Groups hcl-edit's flat list of operators as our tree does.
fn traversal(traversal: &Traversal) -> String {
    let mut whole = expr(&traversal.expr);
    let mut steps = String::new();
    let mut is_reference = matches!(traversal.expr, Expression::Variable(_));
    let mut operators = traversal.operators.iter().map(hcl_edit::Decorated::value).peekable();
    while let Some(operator) = operators.next() {
        if let Some(step) = literal_step(operator) {
            steps += &step;
            continue;
        }
        whole = joined(&whole, &std::mem::take(&mut steps), is_reference);
        is_reference = false;
        whole = match operator {
            TraversalOperator::AttrSplat(_) => {
                let mut each = String::new();
                while let Some(step) = operators.next_if(|next| is_attribute(next)).and_then(literal_step) {
                    each += &step;
                }
                format!("<{whole}>.*({each})")
            }
            TraversalOperator::FullSplat(_) => {
                let each: String = operators.by_ref().filter_map(literal_step).collect();
                format!("<{whole}>[*]({each})")
            }
            TraversalOperator::Index(key) => format!("<{whole}>[{}]", expr(key)),
            _ => unreachable!("a literal step"),
        };
    }
    joined(&whole, &steps, is_reference)
}

fn joined(whole: &str, steps: &str, is_reference: bool) -> String {
    if is_reference || steps.is_empty() { format!("{whole}{steps}") } else { format!("<{whole}>{steps}") }
}

fn is_attribute(operator: &TraversalOperator) -> bool {
    matches!(operator, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
}

fn literal_step(operator: &TraversalOperator) -> Option<String> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(format!(".{}", name.as_str())),
        TraversalOperator::LegacyIndex(index) => Some(format!(".{}", index.value())),
        TraversalOperator::Index(key @ (Expression::Number(_) | Expression::String(_))) => {
            Some(format!("[{}]", expr(key)))
        }
        _ => None,
    }
}

fn template(template: &Template) -> String {
    let elements: Vec<_> = template.iter().collect();
    match elements.as_slice() {
        [] => "\"\"".into(),
        [Element::Literal(text)] => format!("{:?}", text.as_str()),
        [Element::Interpolation(inner)] => format!("wrap({})", expr(&inner.expr)),
        _ => format!("t({})", parts(template)),
    }
}

fn parts(template: &Template) -> String {
    let parts: Vec<_> = template.iter().map(part).collect();
    parts.join(" ")
}

fn part(element: &Element) -> String {
    match element {
        Element::Literal(text) => format!("{:?}", text.as_str()),
        Element::Interpolation(inner) => format!("${}", expr(&inner.expr)),
        Element::Directive(directive) => match &**directive {
            Directive::If(parts) => {
                let otherwise =
                    parts.else_expr.as_ref().map_or_else(String::new, |e| self::parts(&e.template));
                let then = self::parts(&parts.if_expr.template);
                format!("if({} {{{then}}} {{{otherwise}}})", expr(&parts.if_expr.cond_expr))
            }
            Directive::For(parts) => {
                let parts = &parts.for_expr;
                let key = parts.key_var.as_ref().map_or_else(String::new, |key| format!("{},", key.as_str()));
                let (value, collection) = (parts.value_var.as_str(), expr(&parts.collection_expr));
                format!("for({key}{value} in {collection} {{{}}})", self::parts(&parts.template))
            }
        },
    }
}
