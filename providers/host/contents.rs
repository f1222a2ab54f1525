//! Files on a host as they are: what `stat` says of them, and their digests.

use std::collections::HashMap;

use crate::failure::{Failure, Result};
use crate::ownership::Stat;
use crate::session::{Host, Script};

/// A line of `stat` for each file that is there, then the digests of those that can be read.
const LOOK: &str = r#"
for p in "$@"; do [ -f "$R$p" ] && set -- "$@" "$R$p"; shift; done
[ $# = 0 ] && exit 0
stat -L -c "=%a %u %g %s %U %G %n" -- "$@"
"${algorithm}sum" -- "$@"
"#;

/// What was found of files, by their paths on the machine that holds them.
#[derive(Default)]
pub(crate) struct Contents(HashMap<String, (Stat, Option<String>)>);

impl Contents {
    /// Looks at all files at once, with digests by an algorithm.
    pub(crate) async fn look(host: &Host, algorithm: &str, paths: Vec<&str>) -> Result<Self> {
        if paths.is_empty() {
            return Ok(Self::default());
        }
        let script = Script::read(LOOK).args(paths).var("algorithm", algorithm);
        Ok(Self::parse(&host.run(script).await?.text()))
    }

    fn parse(text: &str) -> Self {
        let mut found = HashMap::new();
        for line in text.lines() {
            if let Some((path, stat)) = line.strip_prefix('=').and_then(Stat::parse) {
                found.insert(path.to_owned(), (stat, None));
            } else if let Some((digest, path)) = line.split_once("  ")
                && let Some((_, known)) = found.get_mut(path)
            {
                *known = Some(digest.to_owned());
            }
        }
        Self(found)
    }

    /// A file with its digest; none if it is not there.
    pub(crate) fn get(&self, host: &Host, path: &str) -> Result<Option<(&Stat, &str)>> {
        match self.0.get(&format!("{}{path}", host.root())) {
            None => Ok(None),
            Some((stat, Some(digest))) => Ok(Some((stat, digest))),
            Some((_, None)) => {
                let detail = format!(
                    "On {}, groma may not read the file {path}. Log in as root, or set become = \"sudo\".",
                    host.name()
                );
                Err(Failure::new("File cannot be read", detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_digests_whatever_their_names() {
        let text = "=644 0 0 3 root root /a  b\n=600 0 0 0 root root /=c\n\
                    0123  /a  b\n4567  /other\n";
        let Contents(found) = Contents::parse(text);
        let digest = |path: &str| found.get(path).map(|(stat, digest)| (stat.size, digest.as_deref()));
        assert_eq!(digest("/a  b"), Some((3, Some("0123"))));
        assert_eq!(digest("/=c"), Some((0, None)), "it may not be read");
        assert_eq!(found.len(), 2);
    }
}
