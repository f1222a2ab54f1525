//! A folder with a configuration, and groma in it.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use lab::Lab;

use crate::support::said;

/// A configuration's folder; removed when dropped.
pub struct Work {
    /// What is removed.
    whole: PathBuf,
    folder: PathBuf,
}

impl Work {
    pub fn new(lab: &Lab, config: &str) -> Self {
        Self::at(lab::paths::run(lab.name()).join("work"), config)
    }

    /// A configuration without hosts.
    pub fn alone(name: &str, config: &str) -> Self {
        Self::at(std::env::temp_dir().join(format!("groma-lab-{name}-{}", std::process::id())), config)
    }

    fn at(folder: PathBuf, config: &str) -> Self {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("it is writable");
        let work = Self { whole: folder.clone(), folder };
        work.set(config);
        work.init();
        work
    }

    /// A copy of one of the project's examples, with the modules beside it.
    pub fn of_example(lab: &Lab, name: &str) -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let whole = lab::paths::run(lab.name()).join("work");
        let _ = std::fs::remove_dir_all(&whole);
        let folder = lab::example::copy(&project, name, &whole).expect("it is writable");
        let work = Self { whole, folder };
        work.init();
        work
    }

    fn init(&self) {
        let init = self.run(&["init"]);
        assert!(init.status.success(), "{}", said(&init));
    }

    pub fn set(&self, config: &str) {
        self.write("main.tf", config);
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("can be written");
    }

    /// Writes what nobody else may read.
    pub fn private(&self, name: &str, text: &str) -> PathBuf {
        self.write(name, text);
        let path = self.path(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("groma is there")
    }

    /// The same with environment variables.
    pub fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        self.command(args).envs(variables.iter().copied()).output().expect("groma is there")
    }

    /// Runs a command that must end well.
    #[track_caller]
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    }

    /// Runs a command that must fail, and answers what was said, in one line.
    #[track_caller]
    pub fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output));
        said(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Starts a command and lets it run.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("groma is there")
    }

    /// Starts a command and lets it run; what it says goes into a file of the folder.
    pub fn start_logged(&self, args: &[&str], log: &str) -> Child {
        let file = std::fs::File::create(self.path(log)).expect("can be written");
        let errors = file.try_clone().expect("is open");
        self.command(args).stdout(file).stderr(errors).spawn().expect("groma is there")
    }

    fn command(&self, args: &[&str]) -> Command {
        let binary = std::env::var_os("GROMA_TEST_BINARY").expect("cargo xtask lab test names the binary");
        let mut command = Command::new(Path::new(&binary));
        command
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder);
        command
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.whole);
    }
}

/// The provider block for a lab's hosts, with short time-outs; `more` goes into it.
pub fn provider(lab: &Lab, more: &str) -> String {
    let record = lab.record();
    format!(
        r#"
provider "host" {{
  private_key_file   = "{key}"
  known_hosts_files  = ["{known}"]
  connect_timeout    = "5s"
  keepalive_interval = "1s"
  script_timeout     = "20s"
  {more}
}}
"#,
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    )
}

/// A `host_machine.NAME` for each of the hosts, waited for only a moment.
pub fn machines(lab: &Lab, names: &[&str]) -> String {
    names.iter().fold(String::new(), |mut text, name| {
        let address = lab.host(name).expect("is planned").address;
        let _ = writeln!(
            text,
            "resource \"host_machine\" \"{name}\" {{\n  address      = \"{address}\"\n  wait_timeout = \"5s\"\n}}"
        );
        text
    })
}
