use super::{expression, shape};
use crate::{Expr, ExprKind};

/// What was written, and its tree.
const TREES: &[(&str, &str)] = &[
    // Literals.
    ("1", "1"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("0.1000000000000000000000000001", "0.1000000000000000000000000001"),
    ("1e400", "1e400"),
    ("1.5E-3", "1.5E-3"),
    ("true", "true"),
    ("null", "null"),
    ("\"\"", "\"\""),
    ("\"a\\n\\\"\\\\\\t\\r\\u00e9\\U0001F600\"", "\"a\\n\\\"\\\\\\t\\ré😀\""),
    ("\"$${a} %%{b} $ % $$ $a\"", "\"${a} %{b} $ % $$ $a\""),
    ("\"$$${a}\"", "\"$${a}\""),
    ("\"e\u{301}\"", "\"é\""),
    // References.
    ("a", "a"),
    ("a-b_c", "a-b_c"),
    ("größe", "größe"),
    ("a.b[0][\"k\"].c", "a.b[0][\"k\"].c"),
    ("a.0.b", "a.0.b"),
    ("a[ 0 ]", "a[0]"),
    ("a[\n0\n]", "a[0]"),
    ("a[b]", "<a>[b]"),
    ("a[-1]", "<a>[(Negate 1)]"),
    ("a[b].c[0]", "<<a>[b]>.c[0]"),
    ("a[\"${b}\"]", "<a>[wrap(b)]"),
    ("a[(0)]", "<a>[paren(0)]"),
    ("a[true]", "<a>[true]"),
    ("null.a", "<null>.a"),
    ("f().a[0]", "<f()>.a[0]"),
    ("[1][0]", "<[1]>[0]"),
    ("{a=1}.a", "<{a=1}>.a"),
    ("\"x\".a", "<\"x\">.a"),
    // Splats.
    ("a.*", "<a>.*()"),
    ("a.*.b.0.c", "<a>.*(.b.0.c)"),
    ("a.*.b[0]", "<<a>.*(.b)>[0]"),
    ("a[*]", "<a>[*]()"),
    ("a[*].b[0].c", "<a>[*](.b[0].c)"),
    ("a[*][b]", "<a>[*]([<b>])"),
    ("a[*].b[*].c", "<a>[*](.b[*](.c))"),
    ("a[*].b.*.c[0]", "<a>[*](.b.*(.c)[0])"),
    ("a[*].b.0", "<a>[*](.b.0)"),
    ("f().b[*].c", "<<f()>.b>[*](.c)"),
    // Operators.
    ("1 + 2 * 3 - 4", "(Subtract (Add 1 (Multiply 2 3)) 4)"),
    ("1 - 2 - 3", "(Subtract (Subtract 1 2) 3)"),
    ("a || b && c == d < e + f * g", "(Or a (And b (Equal c (Less d (Add e (Multiply f g))))))"),
    ("a * b + c < d == e && f || g", "(Or (And (Equal (Less (Add (Multiply a b) c) d) e) f) g)"),
    ("a != b >= c", "(NotEqual a (GreaterEqual b c))"),
    ("a <= b > c", "(Greater (LessEqual a b) c)"),
    ("a / b % c", "(Modulo (Divide a b) c)"),
    ("-a.b + !c[0]", "(Add (Negate a.b) (Not c[0]))"),
    ("- -1", "(Negate (Negate 1))"),
    ("!-!a", "(Not (Negate (Not a)))"),
    ("-2 * 3", "(Multiply (Negate 2) 3)"),
    ("a - -b", "(Subtract a (Negate b))"),
    ("a-b", "a-b"),
    ("a -b", "(Subtract a b)"),
    ("(1 + 2) * 3", "(Multiply paren((Add 1 2)) 3)"),
    ("(\n1\n+\n2\n)", "paren((Add 1 2))"),
    ("a ? b : c", "(? a b c)"),
    ("a ? b : c ? d : e", "(? a b (? c d e))"),
    ("a ? b ? c : d : e", "(? a (? b c d) e)"),
    ("a == 1 ? b + 1 : c || d", "(? (Equal a 1) (Add b 1) (Or c d))"),
    // Calls.
    ("f()", "f()"),
    ("f(1, a,)", "f(1, a)"),
    ("f(\n  1,\n  a...\n)", "f(1, a...)"),
    ("provider::time::rfc3339_parse(x)", "provider::time::rfc3339_parse(x)"),
    ("f(g(h()))", "f(g(h()))"),
    // Collections.
    ("[]", "[]"),
    ("[1, [2], {},]", "[1, [2], {}]"),
    ("[\n 1\n ,\n 2\n]", "[1, 2]"),
    ("{}", "{}"),
    ("{ a = 1, b : 2, \"c d\" = 3 }", "{a=1, b=2, (\"c d\")=3}"),
    ("{\n a = 1\n\n b = 2,\n # c\n c = 3\n}", "{a=1, b=2, c=3}"),
    ("{ a = 1, a = 2 }", "{a=1, a=2}"),
    ("{ null = 1, true = 2, 3 = 4 }", "{null=1, true=2, (3)=4}"),
    ("{ (a) = 1, \"${b}-x\" = 2, \"${c}\" = 3 }", "{(paren(a))=1, (t($b \"-x\"))=2, (wrap(c))=3}"),
    ("{ m.k = 4, aws.a = b }", "{(m.k)=4, (aws.a)=b}"),
    ("{ a = <<E\nx\nE\nb = 1 }", "{a=\"x\\n\", b=1}"),
    // For-expressions.
    ("[for x in y : x]", "for(x in y: x)"),
    ("[for i, x in y : x.a if i > 0]", "for(i,x in y: x.a if (Greater i 0))"),
    ("{for k, v in m : k => v}", "for(k,v in m: k => v)"),
    ("{\n for k, v in m :\n k => v... if v }", "for(k,v in m: k => v... if v)"),
    ("[for x in [for z in y : z] : {a = x}]", "for(x in for(z in y: z): {a=x})"),
    // Comments are white space.
    ("/* a */ 1 /* b */ + # c\n 2 // d", "(Add 1 2)"),
];

#[test]
fn expressions_have_these_trees() {
    for (text, tree) in TREES {
        assert_eq!(shape::expr(&expression(text)), *tree, "{text}");
    }
}

#[test]
fn the_text_of_a_span_is_the_node() {
    for (text, _) in TREES.iter().filter(|(text, _)| !text.contains("<<") && !text.contains("/*")) {
        check_spans(text, &expression(text));
    }
}

/// Parses the text of every node again, which gives the same tree.
fn check_spans(text: &str, expr: &Expr) {
    let own = text.get(expr.span.start as usize..expr.span.end as usize).expect("spans end at characters");
    assert_eq!(shape::expr(&expression(own)), shape::expr(expr), "{own:?} of {text:?}");
    for child in children(expr) {
        check_spans(text, child);
    }
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => vec![inner],
        ExprKind::RelativeTraversal { source, .. } | ExprKind::Splat { source, .. } => vec![source],
        ExprKind::Index { collection, key } => vec![collection, key],
        ExprKind::Call(call) => call.args.iter().collect(),
        ExprKind::Conditional { condition, then, otherwise } => vec![condition, then, otherwise],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Tuple(items) => items.iter().collect(),
        ExprKind::Object(items) => items.iter().map(|item| &item.value).collect(),
        ExprKind::For(parts) => {
            let optional = parts.result_key.iter().chain(&parts.condition);
            [&parts.collection, &parts.result].into_iter().chain(optional).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn operators_know_their_place() {
    let expr = expression("  aa >= bb");
    let ExprKind::Binary { op_span, left, right, .. } = &expr.kind else { panic!("binary") };
    assert_eq!((op_span.start, op_span.end), (5, 7));
    assert_eq!((left.span.start, left.span.end), (2, 4));
    assert_eq!((right.span.start, expr.span.start, expr.span.end), (8, 2, 10));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(shape::expr(&expression("\u{feff}a + 1")), "(Add a 1)");
}
