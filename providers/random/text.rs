use provider::simple::Access;
use rand::seq::{IndexedRandom, SliceRandom};
use value::Value;

/// What a random text is made of.
pub(crate) struct Recipe {
    length: usize,
    groups: [Group; 4],
}

struct Group {
    characters: Vec<char>,
    /// Whether it may be used beyond its minimum.
    allowed: bool,
    least: usize,
}

const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

impl Recipe {
    /// Reads the attributes that `random_password` and `random_string` share.
    pub(crate) fn of(object: &Value) -> Self {
        let count = |name: &str| object.int(name).and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        let group = |characters: &str, allowed: &str, least: &str| Group {
            characters: characters.chars().collect(),
            allowed: object.flag(allowed).unwrap_or(true),
            least: count(least),
        };
        let special = object.text("override_special").filter(|text| !text.is_empty()).unwrap_or(SPECIAL);
        let numeric =
            if object.attr("numeric").is_some_and(|value| !value.is_null()) { "numeric" } else { "number" };
        Self {
            length: count("length"),
            groups: [
                group("0123456789", numeric, "min_numeric"),
                group("abcdefghijklmnopqrstuvwxyz", "lower", "min_lower"),
                group("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "upper", "min_upper"),
                group(special, "special", "min_special"),
            ],
        }
    }

    /// A text that fulfils it, from the operating system's generator.
    pub(crate) fn make(&self) -> String {
        let mut random = rand::rng();
        let mut text: Vec<char> = Vec::with_capacity(self.length);
        for group in &self.groups {
            text.extend((0..group.least).filter_map(|_| group.characters.choose(&mut random)));
        }
        let allowed = self.groups.iter().filter(|group| group.allowed);
        let characters: Vec<char> = allowed.flat_map(|group| group.characters.iter().copied()).collect();
        text.extend((text.len()..self.length).filter_map(|_| characters.choose(&mut random)));
        text.shuffle(&mut random);
        text.into_iter().collect()
    }
}
