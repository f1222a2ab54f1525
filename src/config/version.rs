use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version: any number of numeric segments, and perhaps a prerelease (`1.2.0-beta1`).
#[derive(Clone, Debug)]
pub struct Version {
    /// At least three; missing ones are zero.
    segments: Vec<u64>,
    /// How many segments were written, which `~>` needs.
    written: usize,
    prerelease: String,
}

/// Version constraints separated by commas, all of which must hold: `>= 1.2, < 2.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionConstraints(Vec<Constraint>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Constraint {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Pessimistic,
}

/// A text that is no version, or no list of version constraints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" does not use correct version syntax")]
pub struct VersionError(String);

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || VersionError(s.to_owned());
        let text = s.strip_prefix('v').unwrap_or(s);
        let (text, metadata) = text.split_once('+').map_or((text, None), |(t, m)| (t, Some(m)));
        let (numbers, prerelease) = text.split_once('-').map_or((text, None), |(n, p)| (n, Some(p)));
        if [metadata, prerelease].into_iter().flatten().any(|part| !is_tag(part)) {
            return Err(bad());
        }
        let mut segments = numbers
            .split('.')
            .map(|n| if n.bytes().all(|b| b.is_ascii_digit()) { n.parse().ok() } else { None })
            .collect::<Option<Vec<u64>>>()
            .ok_or_else(bad)?;
        let written = segments.len();
        segments.resize(written.max(3), 0);
        Ok(Self { segments, written, prerelease: prerelease.unwrap_or_default().to_owned() })
    }
}

/// Dot-separated identifiers of letters, digits, dashes and tildes.
fn is_tag(text: &str) -> bool {
    text.split('.').all(|part| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '~'))
    })
}

impl FromStr for VersionConstraints {
    type Err = VersionError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.split(',')
            .map(|part| {
                let part = part.trim();
                let (operator, version) = Operator::split(part);
                let version = version.trim_start().parse()?;
                Ok(Constraint { operator, version })
            })
            .collect::<Result<_, VersionError>>()
            .map(Self)
            .map_err(|_| VersionError(s.to_owned()))
    }
}

impl Operator {
    fn split(text: &str) -> (Self, &str) {
        [
            ("!=", Self::NotEqual),
            (">=", Self::GreaterEqual),
            ("<=", Self::LessEqual),
            ("~>", Self::Pessimistic),
            ("=", Self::Equal),
            (">", Self::Greater),
            ("<", Self::Less),
        ]
        .into_iter()
        .find_map(|(sign, operator)| Some((operator, text.strip_prefix(sign)?)))
        .unwrap_or((Self::Equal, text))
    }
}

impl VersionConstraints {
    /// True when every constraint holds. A prerelease satisfies only constraints that name a prerelease of the
    /// same version, as in Terraform.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().all(|constraint| constraint.allows(version))
    }
}

/// Constraints of several declarations as one text in Terraform's canonical form, as lock files and the plan JSON have
/// it: sorted, without repetitions, versions written out. Those that cannot be read are left out.
pub fn canonical<S: AsRef<str>>(constraints: &[S]) -> String {
    let parsed = constraints.iter().filter_map(|text| text.as_ref().parse::<VersionConstraints>().ok());
    let mut all: Vec<Constraint> = parsed.flat_map(|constraints| constraints.0).collect();
    all.sort_by(|a, b| a.version.cmp(&b.version).then_with(|| a.operator.cmp(&b.operator)));
    let mut texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    texts.dedup();
    texts.join(", ")
}

/// `>= 1.2.0`, `~> 1.2`, `1.2.3`.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.operator {
            Operator::Equal => "",
            Operator::NotEqual => "!= ",
            Operator::Greater => "> ",
            Operator::GreaterEqual => ">= ",
            Operator::Less => "< ",
            Operator::LessEqual => "<= ",
            Operator::Pessimistic => "~> ",
        };
        f.write_str(sign)?;
        if self.operator == Operator::Pessimistic && self.version.written < 3 {
            let [major, minor] = [0, 1].map(|at| self.version.segments.get(at).copied().unwrap_or(0));
            return write!(f, "{major}.{minor}");
        }
        self.version.fmt(f)
    }
}

impl Constraint {
    fn allows(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::Greater => self.comparable(version) && order == Ordering::Greater,
            Operator::GreaterEqual => self.comparable(version) && order != Ordering::Less,
            Operator::Less => self.comparable(version) && order == Ordering::Less,
            Operator::LessEqual => self.comparable(version) && order != Ordering::Greater,
            Operator::Pessimistic => {
                let fixed = self.version.written.max(2) - 1;
                let same = version.segments.iter().take(fixed).eq(self.version.segments.iter().take(fixed));
                self.comparable(version) && order != Ordering::Less && same
            }
        }
    }

    /// Whether a prerelease may be compared by order at all.
    fn comparable(&self, version: &Version) -> bool {
        match (version.prerelease.is_empty(), self.version.prerelease.is_empty()) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => version.segments == self.version.segments,
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.segments.len().max(other.segments.len());
        let segment = |version: &Self, at: usize| version.segments.get(at).copied().unwrap_or(0);
        (0..longest)
            .map(|at| segment(self, at).cmp(&segment(other, at)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A release comes after its prereleases; numeric identifiers come before others and compare as numbers.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (a, b): (Vec<_>, Vec<_>) = (a.split('.').collect(), b.split('.').collect());
    let pairs = a.iter().zip(&b).map(|(a, b)| match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    });
    pairs.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// All segments, three at least.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            write!(f, "{}{segment}", if i == 0 { "" } else { "." })?;
        }
        if self.prerelease.is_empty() { Ok(()) } else { write!(f, "-{}", self.prerelease) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_as_in_terraform() {
        for (constraints, version, allowed) in [
            ("1.11.4", "1.11.4", true),
            ("= 1.11", "1.11.0", true),
            (">= 1.0, < 1.5", "1.11.4", false),
            ("~> 1.0", "1.11.4", true),
            ("~> 1.0.0", "1.11.4", false),
            ("~> 1.11.2", "1.11.4", true),
            ("~> 1", "1.11.4", true),
            ("~> 1", "2.0.0", false),
            ("!= 1.11.4", "1.11.4", false),
            (">=1.0.0-beta", "1.0.0", true),
            (">= 1.0.0-beta", "1.1.0-beta", false),
            (">= 1.0.0-beta", "1.0.0-rc1", true),
            (">= 1.0.0", "1.2.0-rc1", false),
            ("1.2.0-rc1", "1.2.0-rc1", true),
            ("v1.2", "1.2.0", true),
            ("> 1.2.3.4", "1.2.3.5", true),
        ] {
            let parsed: VersionConstraints = constraints.parse().expect(constraints);
            let version: Version = version.parse().expect("a version");
            assert_eq!(parsed.allow(&version), allowed, "{constraints} of {version}");
        }
    }

    #[test]
    fn constraints_are_combined_in_canonical_form() {
        for (constraints, combined) in [
            (vec![">= 4.0", "~> 5.0"], ">= 4.0.0, ~> 5.0"),
            (vec!["~> 5.0", "~> 5.0"], "~> 5.0"),
            (vec!["1.2", "~> 1.2.3"], "1.2.0, ~> 1.2.3"),
            (vec![">=1,<2"], ">= 1.0.0, < 2.0.0"),
            (vec!["foo"], ""),
            (vec![], ""),
        ] {
            assert_eq!(canonical(&constraints), combined, "{constraints:?}");
        }
    }

    #[test]
    fn bad_constraints_are_refused() {
        for text in ["", "foo", ">= ", "1.0, ", "1..0", "=> 1.0", "1.0 2.0", "1.x", "> = 1", "1.0-", "-1"] {
            assert!(text.parse::<VersionConstraints>().is_err(), "{text:?}");
        }
    }
}
