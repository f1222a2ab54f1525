use std::fmt::Write as _;

use lang::functions;

/// The function reference: signature and one line each.
pub fn page() -> String {
    let mut out = String::from(
        "# Functions\n\nGenerated from the function table by `cargo xtask docs`. The functions are those of Terraform 1.11, with the\nsame parameters; each is also there as `core::NAME`.\n\n",
    );
    for name in functions::names() {
        let Some(function) = functions::lookup(name) else { continue };
        let mut parameters: Vec<String> =
            function.parameters().iter().map(|p| format!("{} {}", p.name, p.ty)).collect();
        if let Some(rest) = function.variadic() {
            parameters.push(format!("{} {}...", rest.name, rest.ty));
        }
        let _ = writeln!(out, "- `{name}({})`  \n  {}", parameters.join(", "), function.description());
    }
    out
}
