use std::fmt::Write as _;

/// Resources that do not know each other.
pub fn independent(count: u32) -> String {
    let mut text = String::new();
    for i in 0..count {
        let _ = writeln!(text, "resource \"terraform_data\" \"r{i}\" {{\n  input = \"value {i}\"\n}}\n");
    }
    text
}

/// Layers of resources, each with three references into the layer below.
pub fn layered(layers: u32, width: u32) -> String {
    let mut text = String::new();
    for layer in 0..layers {
        for i in 0..width {
            let _ = writeln!(text, "resource \"terraform_data\" \"l{layer}_{i}\" {{");
            if layer == 0 {
                let _ = writeln!(text, "  input = [\"{i}\"]");
            } else {
                let below = |n: u32| format!("terraform_data.l{}_{}.id", layer - 1, (i + n) % width);
                let _ = writeln!(text, "  input = [{}, {}, {}]", below(0), below(7), below(31));
            }
            text.push_str("}\n\n");
        }
    }
    text
}
