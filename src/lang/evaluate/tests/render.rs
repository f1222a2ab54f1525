//! Templates rendered by functions, with the messages of Terraform.

use diag::FileId;
use value::format::console;
use value::{Marks, Type, Value};

use crate::evaluate::{TemplateText, render_named_template};
use crate::functions::CallContext;

fn render(text: &str, vars: Value) -> Result<Value, String> {
    let (template, found) = syntax::parse_template(FileId(0), text);
    assert!(found.is_empty(), "{text}: {found:?}");
    let context = CallContext::new("/nonexistent");
    render_named_template(&template, &vars, &context, TemplateText { name: "t.tpl", text })
        .map_err(|error| format!("{:?} {}", error.argument, error.message))
}

fn vars<const N: usize>(vars: [(&str, Value); N]) -> Value {
    Value::object_of(vars)
}

#[test]
fn variables_are_those_given_and_no_others() {
    let text = "hello ${name} %{if x}y%{endif}\n";
    let named = |x: Value| vars([("name", Value::string("x")), ("x", x)]);
    assert_eq!(render(text, named(Value::bool(true))), Ok(Value::string("hello x y\n")));
    assert_eq!(
        render(text, vars([("name", Value::string("x"))])),
        Err("Some(1) vars map does not contain key \"x\", referenced at t.tpl:1,20-21".into())
    );
    assert_eq!(
        render(text, named(Value::null(Type::Dynamic))),
        Err("None t.tpl:1,20-21: Null condition; The condition value is null. Conditions must either be true or false"
            .into())
    );
    assert_eq!(
        render("x", vars([("a b", Value::bool(true))])),
        Err("Some(1) invalid template variable name \"a b\": must start with a letter, followed by zero or more \
             letters, digits, and underscores"
            .into())
    );
    assert_eq!(render("x", Value::tuple(vec![])), Err("Some(1) invalid vars value: must be a map".into()));
    assert_eq!(
        render("a\n${upper([])}", vars([])),
        Err("None t.tpl:2,9-10: Invalid function argument; Invalid value for \"str\" parameter: string required".into())
    );
}

#[test]
fn a_lone_interpolation_is_the_value_itself() {
    let list = Value::tuple(vec![Value::number(1)]);
    assert_eq!(render("${a}", vars([("a", list.clone())])), Ok(list));
    let root = vars([("var", vars([("n", Value::number(2))]))]);
    assert_eq!(render("x ${var.n}", root), Ok(Value::string("x 2")));
    assert_eq!(
        render("${a}", vars([("a", Value::null(Type::String))])),
        Err("None t.tpl:1,1-5: Template result is null; The result of the template is null, which is not a valid result \
             for a templatestring call"
            .into())
    );
}

#[test]
fn templates_do_not_render_templates() {
    let error =
        render("${templatestring(a, {})}", vars([("a", Value::string("x"))])).expect_err("it is refused");
    assert_eq!(
        error,
        "None t.tpl:1,3-18: Error in function call; Call to function \"templatestring\" failed: cannot recursively call \
         templatestring from inside another template function"
    );
}

#[test]
fn unknowns_and_marks_come_through() {
    let unknown = render("a-${x}", vars([("x", Value::unknown(Type::String))])).expect("it renders");
    assert_eq!(console(&unknown, 0), "(known after apply)");
    assert_eq!(unknown.refinement().and_then(|r| r.prefix.as_deref()), Some("a-"));
    let secret =
        render("a${x}", vars([("x", Value::string("b").mark(Marks::SENSITIVE))])).expect("it renders");
    assert!(secret.is_sensitive());
    let none = render("a", vars([]).mark(Marks::SENSITIVE)).expect("it renders");
    assert!(none.is_sensitive());
}
