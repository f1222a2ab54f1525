//! Copies of the project's examples, to apply in a lab.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Copies an example and the modules beside it into a folder, and answers where the example is. What somebody applied in it, and
/// the variables of that, are none of it.
pub fn copy(project: &Path, name: &str, to: &Path) -> Result<PathBuf> {
    let example = Path::new("examples").join(name);
    for part in [Path::new("modules"), &example] {
        copy_folder(&project.join(part), &to.join(part))?;
    }
    Ok(to.join(example))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let fails = || format!("{} cannot be copied to {}", from.display(), to.display());
    fs::create_dir_all(to).with_context(fails)?;
    for entry in fs::read_dir(from).with_context(fails)? {
        let entry = entry.with_context(fails)?;
        let name = entry.file_name();
        if is_of_a_run(&name.to_string_lossy()) {
            continue;
        }
        let (here, there) = (entry.path(), to.join(&name));
        if here.is_dir() {
            copy_folder(&here, &there)?;
        } else {
            fs::copy(&here, &there).with_context(fails)?;
        }
    }
    Ok(())
}

/// Whether a file is a state, what belongs to one, or somebody's variables.
fn is_of_a_run(name: &str) -> bool {
    name.contains(".tfstate")
        || name.contains(".tfvars")
        || [".terraform", ".terraform.lock.hcl", "crash.log"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_applied_in_an_example_is_not_copied() {
        let folder = std::env::temp_dir().join(format!("groma-lab-example-{}", std::process::id()));
        let (project, to) = (folder.join("project"), folder.join("copy"));
        for name in [
            "examples/ha/main.tf",
            "examples/ha/files/motd",
            "examples/ha/terraform.tfstate",
            "examples/ha/terraform.tfstate.backup",
            "examples/ha/.terraform.tfstate.lock.info",
            "examples/ha/.terraform/modules",
            "examples/ha/mine.auto.tfvars",
            "examples/ha/terraform.tfvars",
            "examples/other/main.tf",
            "modules/etcd/main.tf",
        ] {
            let path = project.join(name);
            fs::create_dir_all(path.parent().expect("is in a folder")).expect("can be made");
            fs::write(path, name).expect("can be written");
        }
        let example = copy(&project, "ha", &to).expect("can be copied");
        assert_eq!(example, to.join("examples/ha"));
        assert_eq!(
            files(&to),
            ["examples/ha/files/motd", "examples/ha/main.tf", "modules/etcd/main.tf"]
                .map(|name| to.join(name))
        );
        fs::remove_dir_all(&folder).expect("is ours");
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("is there").map(|entry| entry.expect("is one").path());
        let mut files: Vec<PathBuf> =
            entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
        files.sort();
        files
    }
}
