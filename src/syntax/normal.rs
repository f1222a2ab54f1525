//! Unicode normalisation of string literals.

use ecow::EcoString;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The string in normalisation form C, as the language's strings always are.
pub(crate) fn nfc(text: EcoString) -> EcoString {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    text.nfc().collect()
}
