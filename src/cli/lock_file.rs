//! Terraform's dependency lock file. groma's providers are built in and need none, so what Terraform has written there is
//! only kept in order: entries of providers that nothing needs any more go, and every other byte stays.

use addrs::ProviderAddr;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::{Decorate, parser};

pub const NAME: &str = ".terraform.lock.hcl";

/// What a new file says.
pub const HEADER: &str = "# This file is maintained automatically by \"groma init\".\n# Manual edits may be lost in future updates.\n";

/// The file's text without the entries of providers that are not needed.
pub fn without_unneeded(
    text: &str,
    is_needed: impl Fn(&ProviderAddr) -> bool,
) -> Result<String, Box<parser::Error>> {
    let mut body: Body = text.parse()?;
    let mut at = 0;
    while let Some(structure) = body.get(at) {
        if provider(structure).is_none_or(|provider| is_needed(&provider)) {
            at += 1;
            continue;
        }
        let removed = body.remove(at);
        // A comment that a blank line sets apart, as the file's first one is, is not about the entry.
        let before = removed.decor().prefix().map(|text| text.to_string()).unwrap_or_default();
        let apart = before.rfind("\n\n").map_or("", |end| &before[..=end]).to_owned();
        if let Some(next) = body.get_mut(at) {
            let own = next.decor().prefix().map(|text| text.to_string()).unwrap_or_default();
            next.decor_mut().set_prefix(format!("{apart}{own}"));
        } else {
            let own = body.decor().suffix().map(|text| text.to_string()).unwrap_or_default();
            body.decor_mut().set_suffix(format!("{apart}{own}"));
        }
    }
    Ok(body.to_string())
}

/// The provider of an entry; none of anything else.
fn provider(structure: &Structure) -> Option<ProviderAddr> {
    let block = structure.as_block().filter(|block| block.ident.as_str() == "provider")?;
    block.labels.first()?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/null" {
  version = "3.2.3"
}

# Ours: see the wiki.
provider "registry.terraform.io/hashicorp/random" {
  version     = "3.6.0" # held back
  constraints = "~> 3.6.0"
  hashes = [
    "h1:R5Ucn26riKIEijcsiOMBR3uOAjuOMfI1x7XvH4P6B1w=",
  ]
}

provider "registry.terraform.io/hashicorp/time" {
  version = "0.12.0"
}
"#;

    fn keeping(names: &[&str]) -> String {
        without_unneeded(LOCK, |provider| names.contains(&provider.ty.as_str())).expect("is well formed")
    }

    #[test]
    fn what_is_needed_stays_to_the_letter() {
        assert_eq!(keeping(&["null", "random", "time"]), LOCK);
    }

    #[test]
    fn what_is_not_needed_goes_with_its_own_comments() {
        let (header, rest) = LOCK.split_once("\n\n").expect("has a header");
        let (null, rest) = rest.split_once("\n\n").expect("has three entries");
        let (random, time) = rest.split_once("\n\n").expect("has three entries");
        assert_eq!(keeping(&["random", "time"]), format!("{header}\n\n{random}\n\n{time}"));
        assert_eq!(keeping(&["null", "time"]), format!("{header}\n\n{null}\n\n{time}"));
        assert_eq!(keeping(&["null", "random"]), format!("{header}\n\n{null}\n\n{random}\n"));
        assert_eq!(keeping(&["time"]), format!("{header}\n\n{time}"));
        assert_eq!(keeping(&[]).trim_end(), header);
    }

    #[test]
    fn what_is_no_lock_file_is_an_error() {
        assert!(without_unneeded("provider \"a\" {", |_| true).is_err());
    }
}
