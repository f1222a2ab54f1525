use super::{FILE, expression, shape};
use crate::{Expr, ExprKind, TemplatePart, parse_template};

/// Templates whose interpolations are literals, and what Terraform makes of them.
const RESULTS: &[(&str, &str)] = &[
    ("\"a${\"b\"}c\"", "abc"),
    ("\"${1}${true}\"", "1true"),
    ("\"  ${~ \"x\" ~}  \"", "x"),
    ("\"a \\n ${~ \"x\" ~} \\n\\t b\"", "axb"),
    ("\"%{ if true }yes%{ else }no%{ endif }\"", "yes"),
    ("\"%{ if false }yes%{ else }no%{ endif }\"", "no"),
    ("\"%{ if false }yes%{ endif }\"", ""),
    ("\"%{ if true }say \\\"hi\\\"\\n%{ endif }\"", "say \"hi\"\n"),
    ("\"%{ for v in [1] }[${v}] %{ endfor }\"", "[p] [q] "),
    ("\"a %{~ if true ~} b %{~ endif ~} c\"", "abc"),
    // Heredocs.
    ("<<E\na\n  b\nE\n", "a\n  b\n"),
    ("<<E\nE\n", ""),
    ("<<E\n${\"x\"}\nE\n", "x\n"),
    ("<<E\n\\n \\\" $${a} %%{b}\nE\n", "\\n \\\" ${a} %{b}\n"),
    ("<<E-F\n  E\n E-F\n", "  E\n"),
    ("<<E\na\r\nb\r\nE\r\n", "a\r\nb\r\n"),
    ("<<E\n EF\nE F\n  E  \n", " EF\nE F\n"),
    ("<<E\n${\"E\n\"}\nE\n", "invalid"),
    // Flush heredocs.
    ("<<-E\n    a\n      b\n    c\n  E\n", "a\n  b\nc\n"),
    ("<<-E\n    a\n\n  b\n  E\n", "  a\n\nb\n"),
    ("<<-E\n    a\n   \n    b\n  E\n", "a\n   \nb\n"),
    ("<<-E\n\t\ta\n\tb\nE\n", "\ta\nb\n"),
    ("<<-E\n    ${\"x\"}\n      y\n  E\n", "x\n  y\n"),
    ("<<-E\n${\"x\"}\n  y\nE\n", "x\n  y\n"),
    ("<<-E\n    a ${\"  x\n\"}\n    E\n", "invalid"),
    ("<<-E\n  %{ if true }\n    a\n  %{ endif }\n  E\n", "\n  a\n\n"),
    ("<<-E\n  %{ if true ~}\n    a\n  %{ endif ~}\n  E\n", "    a\n"),
    (
        "<<-E\n    start\n    %{ for v in [1] ~}\n    item ${v}\n    %{ endfor ~}\n    end\n  E\n",
        "start\n    item p\n    item q\n    end\n",
    ),
    ("<<-E\n  %{~ for v in [1] ~}\n    item ${v}\n  %{~ endfor ~}\n  E\n", "    item p\n    item q\n"),
    ("<<-E\n\u{a0}\u{a0}a\n\u{a0}b\nE\n", "\u{a0}a\nb\n"),
];

#[test]
fn templates_have_these_results() {
    for (text, result) in RESULTS.iter().filter(|(_, result)| *result != "invalid") {
        assert_eq!(evaluate(&expression(text), ""), *result, "{text}");
    }
}

#[test]
fn a_quoted_string_ends_at_its_line_even_inside_a_heredoc() {
    for (text, _) in RESULTS.iter().filter(|(_, result)| *result == "invalid") {
        let (_, diagnostics) = crate::parse_expression(FILE, text);
        assert_eq!(
            diagnostics.iter().next().map(|d| d.summary.as_str()),
            Some("Invalid multi-line string"),
            "{text}"
        );
    }
}

/// Evaluates literals, templates and directives; a reference is the variable of the loop around it, and every
/// loop is over `p` and `q`.
fn evaluate(expr: &Expr, variable: &str) -> String {
    match &expr.kind {
        ExprKind::String(text) | ExprKind::Number(text) => text.to_string(),
        ExprKind::Bool(is) => is.to_string(),
        ExprKind::Traversal(_) => variable.into(),
        ExprKind::TemplateWrap(inner) => evaluate(inner, variable),
        ExprKind::Template(parts) => evaluate_parts(parts, variable),
        _ => panic!("{}", shape::expr(expr)),
    }
}

fn evaluate_parts(parts: &[TemplatePart], variable: &str) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal { value, .. } => value.to_string(),
        TemplatePart::Interpolation(inner) => evaluate(inner, variable),
        TemplatePart::If { condition, then, otherwise, .. } => {
            evaluate_parts(if evaluate(condition, variable) == "true" { then } else { otherwise }, variable)
        }
        TemplatePart::For { body, .. } => ["p", "q"].iter().map(|each| evaluate_parts(body, each)).collect(),
    };
    parts.iter().map(part).collect()
}

/// Templates without quotes, and their trees.
const BARE: &[(&str, &str)] = &[
    ("", "\"\""),
    ("plain \"text\" \\n", "\"plain \\\"text\\\" \\\\n\""),
    ("${a}", "wrap(a)"),
    ("${~ a ~}", "wrap(a)"),
    (" ${~ a}", "t(\"\" $a)"),
    ("x ${a.b}\ny", "t(\"x \" $a.b \"\\ny\")"),
    ("%{ if a }1%{ else }2%{ endif }", "t(if(a {\"1\"} {\"2\"}))"),
    ("%{ for k, v in m }${k}%{ endfor }", "t(for(k,v in m {$k}))"),
    ("$", "\"$\""),
    ("%", "\"%\""),
    ("$$", "\"$$\""),
    ("a\r\n${b}", "t(\"a\\r\\n\" $b)"),
    ("${<<E\nx\nE\n}", "wrap(\"x\\n\")"),
    ("${{a = 1}}", "wrap({a=1})"),
    ("${\"a${\"b${c}\"}\"}", "wrap(t(\"a\" $t(\"b\" $c)))"),
    (
        "%{ if a }%{ if b }x%{ endif }%{ else }%{ for i in c }%{ endfor }%{ endif }",
        "t(if(a {if(b {\"x\"} {})} {for(i in c {})}))",
    ),
];

#[test]
fn bare_templates_have_these_trees() {
    for (text, tree) in BARE {
        let (expr, diagnostics) = parse_template(FILE, text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        assert_eq!(shape::expr(&expr), *tree, "{text}");
    }
}
