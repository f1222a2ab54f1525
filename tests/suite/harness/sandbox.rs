use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Action, CommandLine, environment, normalise};

/// A folder of its own, with a home folder beside it; both are removed with it.
#[derive(Debug)]
pub struct Sandbox {
    folder: tempfile::TempDir,
    locks: Vec<fs::File>,
}

/// What a finished program left.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A program that was started and is still running.
#[derive(Debug)]
pub struct Running(Child);

impl Sandbox {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("groma-suite-")
            .tempdir()
            .expect("a temporary folder can be made");
        let sandbox = Self { folder, locks: Vec::new() };
        fs::create_dir(sandbox.dir()).expect("the temporary folder can be written");
        fs::create_dir(sandbox.home()).expect("the temporary folder can be written");
        sandbox
    }

    /// A sandbox with one file in it, `main.tf`.
    pub fn with_config(config: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("main.tf", config);
        sandbox
    }

    /// The working folder.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        let parent = path.parent().expect("a file in the sandbox has a folder");
        fs::create_dir_all(parent).unwrap_or_else(|e| panic!("{}: {e}", parent.display()));
        fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Copies a folder and what is in it.
    pub fn copy(&self, from: &Path, to: &str) {
        for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
            let entry = entry.expect("a fixture folder can be read");
            let name = format!("{to}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                self.copy(&entry.path(), &name);
            } else {
                self.write(&name, fs::read(entry.path()).expect("a fixture can be read"));
            }
        }
    }

    /// Carries out whatever an action of a case asks for, but running programs.
    pub fn act(&mut self, action: &Action) {
        match action {
            Action::Write { name, content } => self.write(name, content),
            Action::Remove(name) => {
                fs::remove_file(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            Action::MakeDir(name) => {
                fs::create_dir_all(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            Action::Lock(name) => self.lock(name),
            Action::Cut(name, bytes) => {
                let file = fs::File::options().write(true).open(self.path(name));
                file.and_then(|f| f.set_len(*bytes)).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            Action::Run(_) => unreachable!("the test decides which program runs"),
        }
    }

    /// Holds the lock of a state file until the sandbox is dropped.
    pub fn lock(&mut self, name: &str) {
        let file =
            fs::File::options().read(true).write(true).create(true).truncate(false).open(self.path(name));
        let file = file.unwrap_or_else(|e| panic!("{name}: {e}"));
        rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)
            .unwrap_or_else(|e| panic!("{name} cannot be locked: {e}"));
        self.locks.push(file);
    }

    /// Runs groma.
    pub fn groma(&self, args: &[&str]) -> Outcome {
        self.run(&mut self.command(&groma(), args))
    }

    /// Runs groma and fails the test unless it ends with 0.
    pub fn groma_ok(&self, args: &[&str]) -> String {
        self.groma(args).success(args)
    }

    /// Runs groma with something to read.
    pub fn groma_with_input(&self, args: &[&str], input: &str) -> Outcome {
        self.feed(&mut self.command(&groma(), args), input.as_bytes())
    }

    /// Starts groma and leaves it running.
    pub fn start_groma(&self, args: &[&str]) -> Running {
        let mut command = self.command(&groma(), args);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running(child.unwrap_or_else(|e| panic!("groma cannot be started: {e}")))
    }

    pub fn terraform(&self, program: &Path, args: &[&str]) -> Outcome {
        self.run(&mut self.command(program, args))
    }

    /// Runs a command line of a case with a program.
    pub fn run_line(&self, program: &Path, args: &[String], line: &CommandLine) -> Outcome {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut command = self.command(program, &args);
        command.envs(line.variables.iter().map(|(n, v)| (n, v)));
        match &line.stdin {
            Some(name) => self.feed(&mut command, self.read(name).as_bytes()),
            None => self.run(&mut command),
        }
    }

    /// A command with an environment of its own.
    pub fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.dir()).env_clear().envs([
            ("PATH", environment("PATH").unwrap_or_default()),
            ("HOME", self.home().display().to_string()),
            ("USER", "tester".into()),
            ("TZ", "UTC".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("COLUMNS", "78".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
        ]);
        command
    }

    pub fn run(&self, command: &mut Command) -> Outcome {
        let output = command.stdin(Stdio::null()).output();
        self.outcome(output.unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}")))
    }

    fn feed(&self, command: &mut Command, input: &[u8]) -> Outcome {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let output = std::thread::scope(|scope| {
            // A program that ends without reading everything breaks the pipe, which is its right.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().expect("a child can be waited for")
        });
        self.outcome(output)
    }

    /// Waits for a program to end.
    pub fn finish(&self, running: Running) -> Outcome {
        self.outcome(running.0.wait_with_output().expect("a child can be waited for"))
    }

    fn outcome(&self, output: Output) -> Outcome {
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Waits until something is so, and fails the test if it does not become so in time.
    pub fn wait_until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What a program said, with exit code, without what differs from run to run.
    pub fn transcript(&self, outcome: &Outcome) -> String {
        let code = outcome.code.map_or("by a signal".to_owned(), |code| code.to_string());
        let mut text = format!("exit {code}\n{}", outcome.stdout);
        if !outcome.stderr.is_empty() {
            text.push_str("--- stderr\n");
            text.push_str(&outcome.stderr);
        }
        normalise(&text, self.folder.path())
    }
}

impl Outcome {
    /// What was printed; fails the test unless the program ended with 0.
    pub fn success(self, args: &[&str]) -> String {
        self.with_code(0, args)
    }

    /// What was printed; fails the test unless the program ended with this code.
    pub fn with_code(self, code: i32, args: &[&str]) -> String {
        assert_eq!(self.code, Some(code), "{args:?}\n{}\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}:\n{}\n{}", self.stdout, self.stderr))
    }
}

impl Running {
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).expect("a process id is positive");
        // A program that has ended already cannot be signalled, which the test sees by how it ended.
        let _ = kill_process(id, signal);
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The binary under test.
pub fn groma() -> PathBuf {
    environment("GROMA_TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_groma").into(), PathBuf::from)
}

const PATIENCE: Duration = Duration::from_mins(1);
