//! Files and folders on a host as they are: what `stat` says of them, and the digests of files.

use std::collections::HashMap;

use crate::failure::{Failure, Result};
use crate::ownership::Stat;
use crate::session::{Host, Output, Script};

/// A line of `stat` for each that is there, then the digests of those that can be read; before that a line for each that is not, and
/// for each of which that cannot be told, with the folder that is in the way. What the answer does not name is not known either.
const LOOK: &str = r#"
for p in "$@"; do
  if [ "-$kind" "$R$p" ]; then set -- "$@" "$R$p"
  elif hidden "$R$p"; then printf '!%s\t%s\n' "$R$p" "${g_shut#"$R"}"
  else printf '%s\n' "-$R$p"
  fi
  shift
done
if [ $# != 0 ]; then
  # 1 is about some of them, which then lack in the answer.
  stat -L -c "=%a %u %g %s %U %G %n" -- "$@"; [ $? -le 1 ] || exit 1
  if [ -n "$algorithm" ]; then "${algorithm}sum" -- "$@"; [ $? -le 1 ] || exit 1; fi
fi
echo "$end"
"#;

/// What stands at the end of an answer.
const END: &str = "/end";

/// How many are looked at by one script: the arguments of a program have a limit, and shells copy theirs often.
const MOST_AT_ONCE: usize = 250;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Files, with digests by an algorithm.
    Files(&'static str),
    Folders,
}

/// What was found, by the paths on the machine that holds it.
pub(crate) struct Contents {
    kind: Kind,
    found: HashMap<String, Found>,
    /// What the programs said that looked.
    said: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// Certainly not there.
    Gone,
    /// Behind a folder that may not be searched.
    Hidden(String),
    There(Stat, Option<String>),
}

impl Contents {
    /// Looks at all of them.
    pub(crate) async fn look(host: &Host, kind: Kind, paths: &[&str]) -> Result<Self> {
        let (test, algorithm) = match kind {
            Kind::Files(algorithm) => ("f", algorithm),
            Kind::Folders => ("d", ""),
        };
        let doing = format!("look at {}", kind.plural());
        let looks = paths.chunks(MOST_AT_ONCE).map(|paths| {
            let script =
                Script::read(LOOK).args(paths).var("kind", test).var("algorithm", algorithm).var("end", END);
            host.must(script, &doing)
        });
        let mut contents = Self { kind, found: HashMap::new(), said: String::new() };
        for output in futures::future::try_join_all(looks).await? {
            if !contents.take(&output) {
                return Err(Failure::script(host, &format!("{doing}: the answer has no end"), &output));
            }
        }
        Ok(contents)
    }

    /// Takes an answer; says whether it is whole.
    fn take(&mut self, output: &Output) -> bool {
        self.said.push_str(&output.errors());
        self.said.push('\n');
        let text = output.text();
        let mut lines: Vec<&str> = text.lines().collect();
        let whole = lines.pop() == Some(END);
        for line in lines {
            if let Some((path, stat)) = line.strip_prefix('=').and_then(Stat::parse) {
                self.found.insert(path.to_owned(), Found::There(stat, None));
            } else if let Some(path) = line.strip_prefix('-') {
                self.found.insert(path.to_owned(), Found::Gone);
            } else if let Some((path, folder)) = line.strip_prefix('!').and_then(|line| line.split_once('\t'))
            {
                self.found.insert(path.to_owned(), Found::Hidden(folder.to_owned()));
            } else if let Some((digest, path)) = line.split_once("  ")
                && let Some(Found::There(_, known)) = self.found.get_mut(path)
            {
                *known = Some(digest.to_owned());
            }
        }
        whole
    }

    /// What is there at a path; none if it certainly is not.
    pub(crate) fn stat(&self, host: &Host, path: &str) -> Result<Option<&Stat>> {
        Ok(self.at(host, path)?.map(|(stat, _)| stat))
    }

    /// A file with its digest; none if it certainly is not there.
    pub(crate) fn file(&self, host: &Host, path: &str) -> Result<Option<(&Stat, &str)>> {
        match self.at(host, path)? {
            None => Ok(None),
            Some((stat, Some(digest))) => Ok(Some((stat, digest))),
            Some((_, None)) => {
                let said = self.said_of(path).unwrap_or("it is not in the answer");
                let detail = format!(
                    "On {}, groma could not read the file {path}: {said}. Log in as root, or set become = \"sudo\".",
                    host.name()
                );
                Err(Failure::new("File cannot be read", detail))
            }
        }
    }

    fn at(&self, host: &Host, path: &str) -> Result<Option<(&Stat, Option<&str>)>> {
        let what = self.kind.singular();
        let why = match self.found.get(&format!("{}{path}", host.root())) {
            Some(Found::There(stat, digest)) => return Ok(Some((stat, digest.as_deref()))),
            Some(Found::Gone) => return Ok(None),
            Some(Found::Hidden(folder)) => format!(
                "the folder {folder} may not be searched. Log in as root, or set become = \"sudo\" in the provider block or on the \
                 host_machine."
            ),
            None => {
                let said =
                    self.said_of(path).unwrap_or("the answer does not name it, as if it changed meanwhile");
                format!("{said}. Plan again; nothing was changed.")
            }
        };
        let detail =
            format!("On {}, groma cannot tell whether the {what} {path} is there: {why}", host.name());
        let summary = match self.kind {
            Kind::Files(_) => "File cannot be looked at",
            Kind::Folders => "Folder cannot be looked at",
        };
        Err(Failure::new(summary, detail))
    }

    /// What the programs said of a path, or else at all.
    fn said_of(&self, path: &str) -> Option<&str> {
        let lines = || self.said.lines().map(str::trim).filter(|line| !line.is_empty());
        let said = lines().find(|line| line.contains(path)).or_else(|| lines().next());
        said.map(|line| line.trim_end_matches('.'))
    }
}

impl Kind {
    fn singular(self) -> &'static str {
        match self {
            Self::Files(_) => "file",
            Self::Folders => "folder",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Folders => "folders",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (Contents, bool) {
        let mut contents =
            Contents { kind: Kind::Files("sha256"), found: HashMap::new(), said: String::new() };
        let output = Output { status: 0, stdout: text.as_bytes().to_vec(), stderr: Vec::new() };
        let whole = contents.take(&output);
        (contents, whole)
    }

    #[test]
    fn files_are_told_from_digests_whatever_their_names() {
        let (contents, whole) = taken(
            "-/=gone\n!/-a/b\t/-a\n=644 0 0 3 root root /a  b\n=600 0 0 0 root root /=c\n\
             0123  /a  b\n4567  /other\n/end\n",
        );
        assert!(whole);
        let digest = |path: &str| match contents.found.get(path) {
            Some(Found::There(stat, digest)) => Some((stat.size, digest.as_deref())),
            _ => None,
        };
        assert_eq!(digest("/a  b"), Some((3, Some("0123"))));
        assert_eq!(digest("/=c"), Some((0, None)), "it may not be read");
        assert_eq!(contents.found.get("/=gone"), Some(&Found::Gone));
        assert_eq!(contents.found.get("/-a/b"), Some(&Found::Hidden("/-a".into())));
        assert_eq!(contents.found.len(), 4);
    }

    #[test]
    fn an_answer_that_ends_early_is_none() {
        let text = "-/gone\n=644 0 0 3 root root /end\n0123  /end\n/end\n";
        for cut in 0..text.len() {
            assert!(!taken(&text[..cut]).1 || cut == text.len() - 1, "{:?}", &text[..cut]);
        }
        assert!(taken(text).1);
    }
}
