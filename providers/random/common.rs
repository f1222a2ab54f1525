use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

/// What is asked for at most, in bytes or characters: a limit that no use comes near.
pub(crate) const MAX_LENGTH: i64 = 1 << 20;

/// A block with `keepers`, and `id` with the given description.
pub(crate) fn block(description: &str, id: &str) -> Block {
    Block::default().described(description).with("id", Attribute::computed(Type::String).described(id)).with(
        "keepers",
        Attribute::optional(Type::map(Type::String)).described("Any texts; a change makes a new value."),
    )
}

/// Checks that a number is in a range.
pub(crate) fn check_range(config: &Value, name: &str, least: i64, most: i64) -> Option<Diagnostic> {
    let value = config.attr(name)?;
    let number = value.as_number()?;
    let fits = value.as_i64().is_some_and(|n| (least..=most).contains(&n));
    (!fits).then(|| {
        let detail =
            format!("Attribute {name} value must be a whole number from {least} to {most}, got: {number}.");
        attribute_error(&Path::from_attr(name), "Invalid Attribute Value", detail)
    })
}

/// An import id that cannot be used.
pub(crate) fn import_error(kind: &str, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(format!("Import Random {kind} Error"), detail).into()
}

/// So many bytes from the operating system's generator.
pub(crate) fn random_bytes(length: i64) -> Vec<u8> {
    let length = usize::try_from(length.clamp(0, MAX_LENGTH)).unwrap_or_default();
    let mut bytes = vec![0; length];
    rand::fill(bytes.as_mut_slice());
    bytes
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
