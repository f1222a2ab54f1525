//! Compares operations with what go-cty 1.16 (and the index and attribute operators of HCL 2.23) answered for the same
//! random values, as recorded in `cty.jsonl`: one JSON object a line, values in msgpack written as hex.

use groma_value::{ConvertError, OpError, Type, Value, convert, json, msgpack, unify, unify_unsafe};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    op: String,
    /// The operands.
    a: Option<String>,
    b: Option<String>,
    /// Text in or out.
    text: Option<String>,
    /// The type to convert to.
    t: Option<serde_json::Value>,
    /// The types to unify.
    ts: Option<Vec<serde_json::Value>>,
    /// The result: a value, a type or an error.
    r: Option<String>,
    rt: Option<serde_json::Value>,
    err: Option<String>,
}

#[test]
fn agrees_with_go_cty() {
    let rows: Vec<Row> =
        include_str!("cty.jsonl").lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let wrong: Vec<String> = rows
        .iter()
        .enumerate()
        .filter_map(|(i, row)| check(row).err().map(|e| format!("{}: {e}", i + 1)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn check(row: &Row) -> Result<(), String> {
    let (a, b) = (value(row.a.as_ref()), value(row.b.as_ref()));
    let text = row.text.as_deref().unwrap_or_default();
    let op = |result: Result<Value, OpError>| same_value(row, result.map_err(|e| e.0));
    match row.op.as_str() {
        "convert" => {
            let ty = ty(row.t.as_ref().ok_or("no type")?);
            same_value(row, convert(&a, &ty).map_err(|ConvertError { message, .. }| message))
        }
        "unify" => same(unify(&types(row)), row.rt.as_ref().map(ty)),
        "unify_unsafe" => same(unify_unsafe(&types(row)), row.rt.as_ref().map(ty)),
        "equals" => op(Ok(a.equals(&b))),
        "length" => op(a.length()),
        "add" => op(a.add(&b)),
        "sub" => op(a.sub(&b)),
        "mul" => op(a.mul(&b)),
        "div" => op(a.div(&b)),
        "mod" => op(a.modulo(&b)),
        "lt" => op(a.less_than(&b)),
        "le" => op(a.less_or_equal(&b)),
        "gt" => op(a.greater_than(&b)),
        "ge" => op(a.greater_or_equal(&b)),
        "index" => op(a.index(&b)),
        "attr" => op(a.get_attr(text)),
        "json" => {
            same(json::to_plain_json(&a), Ok(text.to_owned()))?;
            same(json::to_json(&a, &a.ty()), Ok(text.to_owned()))?;
            same(json::from_json(text, &a.ty()), Ok(a))
        }
        "json_dynamic" => {
            same(json::to_json(&a, &Type::Dynamic), Ok(text.to_owned()))?;
            same(json::from_json(text, &Type::Dynamic), Ok(a))
        }
        "msgpack" => {
            same(msgpack::encode(&a, &Type::Dynamic).map(|b| hex(&b)), Ok(row.a.clone().unwrap_or_default()))
        }
        "text" => {
            let n = a.as_number().ok_or("not a number")?;
            let forms = [
                n.to_string(),
                n.to_fixed(3),
                n.to_scientific(Some(5)),
                n.to_general(Some(10)),
                n.to_scientific(None),
                n.to_general(None),
            ];
            same(forms.join("|"), text.to_owned())
        }
        other => Err(format!("no such operation: {other}")),
    }
}

fn same_value(row: &Row, got: Result<Value, String>) -> Result<(), String> {
    let want = row.err.clone().map_or_else(|| Ok(value(row.r.as_ref())), Err);
    same(got, want)
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, want: T) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("got {got:?}, want {want:?}")) }
}

fn value(hex: Option<&String>) -> Value {
    hex.map_or_else(Value::dynamic, |hex| msgpack::decode(&unhex(hex), &Type::Dynamic).expect("a value"))
}

fn ty(json: &serde_json::Value) -> Type {
    json::type_from_json(json).expect("a type")
}

fn types(row: &Row) -> Vec<Type> {
    row.ts.iter().flatten().map(ty).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("hex")).expect("a digit");
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}
