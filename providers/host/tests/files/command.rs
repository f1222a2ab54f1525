use std::fs;
use std::path::Path;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::{Str, Value};

use super::super::support::{Bench, folder, object, root, text};
use super::by_key;

fn map<const N: usize>(entries: [(&str, &str); N]) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (Str::from(name), text(value)));
    Value::map(value::Type::String, entries.collect())
}

fn local() -> Value {
    text("local:")
}

/// A command that makes, looks at, changes and removes a file.
fn of_file(file: &Path) -> Value {
    object([
        ("host", local()),
        ("create", text("printf %s \"$WANTED\" >\"$FILE\"")),
        ("read", text("cat \"$FILE\"")),
        ("update", text("printf %s \"$WANTED\" >\"$FILE\"; echo updated >>\"$FILE.log\"")),
        ("delete", text("rm -f \"$FILE\"")),
        ("environment", map([("FILE", &file.display().to_string()), ("WANTED", "a 'b' \"$c\"\n")])),
    ])
}

fn wanting(config: &Value, file: &Path, wanted: &str) -> Value {
    config.with_attr("environment", map([("FILE", &file.display().to_string()), ("WANTED", wanted)]))
}

/// Whether the tests run as root: what they make then is root's.
fn is_root(folder: &tempfile::TempDir) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder.path()).is_ok_and(|folder| folder.uid() == 0)
}

#[tokio::test]
async fn commands_conform() {
    let folder = folder();
    let file = folder.path().join("made");
    let full = of_file(&file);
    let bare = object([("host", local()), ("create", text("echo made"))]);
    let cases = [
        Case::new("host_command", full.clone())
            .update(wanting(&full, &file, "other"))
            .update(wanting(&full, &file, "other").with_attr("delete", text("rm \"$FILE\"")))
            .update(wanting(&full, &file, "other").with_attr("read", text("cat \"$FILE\" && echo more")))
            .replace(wanting(&full, &file, "other").with_attr("triggers", map([("a", "1")])))
            .refuses(full.with_attr("create", text(" ")), "create")
            .refuses(full.with_attr("environment", map([("A B", "1")])), "environment")
            .refuses(full.with_attr("sensitive_environment", map([("1A", "1")])), "sensitive_environment")
            .refuses(full.with_attr("working_dir", text("etc")), "working_dir")
            .refuses(full.with_attr("run_as", text("-root")), "run_as")
            .refuses(full.with_attr("timeout", text("soon")), "timeout")
            .refuses(
                full.with_attr("exit_codes", Value::list(value::Type::Number, vec![Value::number(256)])),
                "exit_codes",
            )
            .refuses(full.with_attr("name", text("a\nb")), "name")
            .refuses(full.with_attr("host", root(folder.path())), "host"),
        Case::new("host_command", bare.clone())
            .named("bare")
            .state_only()
            .replace(bare.with_attr("create", text("echo other")))
            .replace(bare.with_attr("working_dir", text("/tmp"))),
        Case::new("host_command", bare.with_attr("name", text("greeting")))
            .named("import")
            .state_only()
            .import_made(by_key, &["create", "stdout", "stderr", "exit_code"]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert!(!file.exists());
}

#[tokio::test]
async fn what_others_change_shows_and_is_updated_or_made_again() {
    let folder = folder();
    let file = folder.path().join("made");
    let config = of_file(&file);
    let bench = Bench::new("host_command", folder.path()).await;
    let state = bench.create(config.clone()).await;
    assert_eq!(state.text("stdout"), Some("a 'b' \"$c\"\n"));
    assert_eq!(bench.read(&state).await, state);
    fs::write(&file, "theirs").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(seen, state.with_attr("stdout", text("theirs")), "exactly that field");
    let (_, plan) = bench.plan(&seen, &config).await;
    assert!(plan.planned.attr("stdout").is_some_and(|value| !value.is_known()));
    assert!(plan.requires_replace.is_empty());
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(state.text("stdout"), Some("a 'b' \"$c\"\n"));
    assert_eq!(fs::read_to_string(folder.path().join("made.log")).ok().as_deref(), Some("updated\n"));
    let (_, plan) = bench.plan(&state, &config).await;
    assert_eq!(plan.planned, state, "and then nothing is left to do");

    let no_update = config.with_attr("update", Value::null(value::Type::String));
    let state = bench.change(&state, &no_update).await.state;
    fs::write(&file, "theirs").expect("can be written");
    let (_, plan) = bench.plan(&bench.read(&state).await, &no_update).await;
    assert_eq!(plan.requires_replace, [value::Path::from_attr("stdout")]);
    fs::remove_file(&file).expect("is there");
    assert!(bench.read(&state).await.is_null(), "read fails: it is gone");
}

#[tokio::test]
async fn an_update_that_fails_is_made_again_by_the_next_plan() {
    let folder = folder();
    let file = folder.path().join("made");
    let config = of_file(&file);
    let bench = Bench::new("host_command", folder.path()).await;
    let state = bench.create(config.clone()).await;
    let failing = wanting(&config, &file, "new").with_attr("update", text("echo no such luck >&2; exit 3"));
    let response = bench.change(&state, &failing).await;
    let said = format!("{:?}", response.diagnostics);
    assert!(said.contains("ended with status 3, saying: no such luck"), "{said}");
    assert_eq!(response.state, state);
    let working = wanting(&config, &file, "new");
    let state = bench.change(&response.state, &working).await.state;
    assert_eq!(state.text("stdout"), Some("new"));
}

#[tokio::test]
async fn neither_text_nor_environment_are_in_the_process_list() {
    let folder = folder();
    let bench = Bench::new("host_command", folder.path()).await;
    let create = "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\"$f\" 2>/dev/null; done; : sesame-in-the-text; echo \"$KEY\"";
    let state = bench
        .create(object([
            ("host", local()),
            ("create", text(create)),
            ("sensitive_environment", map([("KEY", "open-sesame")])),
        ]))
        .await;
    let said = state.text("stdout").expect("said something");
    assert!(said.contains("timeout -k"), "the process list was read");
    assert!(!said.contains("sesame"), "{said}");
    assert!(said.ends_with("(sensitive)\n"), "{said}");
}

#[tokio::test]
async fn secrets_are_not_in_errors() {
    let folder = folder();
    let bench = Bench::new("host_command", folder.path()).await;
    let config = object([
        ("host", local()),
        ("create", text("echo \"wrong: $KEY\" >&2; exit 1")),
        ("sensitive_environment", map([("KEY", "open-sesame")])),
    ]);
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    let said = format!("{:?}", response.diagnostics);
    assert!(said.contains("wrong: (sensitive)") && !said.contains("sesame"), "{said}");
}

#[tokio::test]
async fn expected_codes_folders_and_what_was_said_before() {
    let folder = folder();
    let bench = Bench::new("host_command", folder.path()).await;
    if !is_root(&folder) {
        return eprintln!("skipped: only root can run commands as another user");
    }
    let codes = Value::list(value::Type::Number, vec![Value::number(0), Value::number(7)]);
    let log = folder.path().join("log");
    let config = object([
        ("host", local()),
        ("create", text("pwd; cat; id -un; exit 7")),
        ("delete", text(&format!("printf %s \"$GROMA_STDOUT\" >{}", log.display()))),
        ("working_dir", text(&folder.path().display().to_string())),
        ("run_as", text("root")),
        ("exit_codes", codes),
    ]);
    let state = bench.create(config).await;
    let expected = format!("{}\nroot\n", folder.path().display());
    assert_eq!((state.text("stdout"), state.int("exit_code")), (Some(expected.as_str()), Some(7)));
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(log).ok(), Some(expected));
}

#[tokio::test]
async fn another_user_runs_it() {
    let folder = folder();
    if !is_root(&folder) {
        return eprintln!("skipped: only root can run commands as another user");
    }
    let bench = Bench::new("host_command", folder.path()).await;
    let config = object([
        ("host", local()),
        ("create", text("id -un; printf %s \"it's $A\"")),
        ("environment", map([("A", "\"quoted\"")])),
        ("run_as", text("nobody")),
    ]);
    let state = bench.create(config).await;
    assert_eq!(state.text("stdout"), Some("nobody\nit's \"quoted\""));
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_with_all_that_it_started() {
    let folder = folder();
    let file = folder.path().join("late");
    let bench = Bench::new("host_command", folder.path()).await;
    let config = object([
        ("host", local()),
        ("create", text(&format!("echo begun; (sleep 2; echo late >{}) & wait", file.display()))),
        ("timeout", text("500ms")),
    ]);
    let begun = std::time::Instant::now();
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    let said = format!("{:?}", response.diagnostics);
    assert!(said.contains("did not end within 0.5 s"), "{said}");
    assert!(begun.elapsed().as_secs() < 10);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert!(!file.exists(), "what it started was ended too");
}

#[tokio::test]
async fn odd_texts_are_run_as_they_are() {
    let folder = folder();
    let bench = Bench::new("host_command", folder.path()).await;
    let cases = [
        ("cat <<'E'\n$x `y` \\n\nE", "$x `y` \\n\n"),
        ("echo a # b", "a\n"),
        ("echo a \\", "a\n"),
        ("set -- 1 2; echo $#", "2\n"),
        ("echo $#", "0\n"),
        ("exit 0\necho not", ""),
        ("set -e; true; echo on; exit", "on\n"),
        ("printf '\\377x'", "\u{fffd}x"),
    ];
    for (create, expected) in cases {
        let state = bench.create(object([("host", local()), ("create", text(create))])).await;
        assert_eq!(state.text("stdout"), Some(expected), "{create}");
    }
}
