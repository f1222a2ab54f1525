use crate::Type;

/// A type as the console's `type()` prints it: over several lines, with `:` between names and types.
pub fn type_expression(ty: &Type) -> String {
    let mut out = String::new();
    push(ty, 0, &mut out);
    out
}

fn push(ty: &Type, indent: usize, out: &mut String) {
    let wrapped = |kind: &str, element: &Type, out: &mut String| {
        out.push_str(kind);
        if matches!(element, Type::Object(_) | Type::Tuple(_)) {
            push_line(indent + 4, out);
            push(element, indent + 4, out);
            out.push(',');
            push_line(indent, out);
        } else {
            push(element, indent, out);
        }
        out.push(')');
    };
    match ty {
        Type::Dynamic => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::List(e) => wrapped("list(", e, out),
        Type::Set(e) => wrapped("set(", e, out),
        Type::Map(e) => wrapped("map(", e, out),
        Type::Tuple(items) => {
            out.push_str("tuple([");
            for item in items.iter() {
                push_line(indent + 4, out);
                push(item, indent + 4, out);
                out.push(',');
            }
            close(items.is_empty(), "])", indent, out);
        }
        Type::Object(object) => {
            out.push_str("object({");
            for (name, ty) in object.iter() {
                push_line(indent + 4, out);
                out.push_str(name);
                out.push_str(": ");
                push(ty, indent + 4, out);
                out.push(',');
            }
            close(object.is_empty(), "})", indent, out);
        }
    }
}

fn close(empty: bool, bracket: &str, indent: usize, out: &mut String) {
    if !empty {
        push_line(indent, out);
    }
    out.push_str(bracket);
}

fn push_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}
