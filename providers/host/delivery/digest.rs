/// The digests that a content can be verified by, as attributes are named.
pub const ALGORITHMS: [&str; 2] = ["sha256", "sha512"];

/// What a content must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// One of [`ALGORITHMS`].
    pub algorithm: &'static str,
    /// Lower-case hexadecimal digits.
    pub hex: String,
}

impl Digest {
    pub fn new(algorithm: &'static str, text: &str) -> Self {
        Self { algorithm, hex: text.to_ascii_lowercase() }
    }

    /// What people call the algorithm.
    pub fn name(&self) -> &'static str {
        if self.algorithm == "sha512" { "SHA-512" } else { "SHA-256" }
    }

    /// Why a text is no digest of the algorithm.
    pub(super) fn problem(algorithm: &str, text: &str) -> Option<String> {
        let digits = if algorithm == "sha512" { 128 } else { 64 };
        let fine = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (!fine).then(|| format!("{text:?} is not {digits} hexadecimal digits."))
    }
}
