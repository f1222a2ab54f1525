use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::harness::{Sandbox, difference, terraform};

const CONFIG: &str = r#"
variable "v" {
  default = "one"
}

resource "terraform_data" "a" {
  input = var.v
}

resource "terraform_data" "b" {
  input = terraform_data.a.output
}

output "o" {
  value = terraform_data.b.output
}
"#;

const IMPORTS: &str = r#"
resource "terraform_data" "moved" {}

moved {
  from = terraform_data.a
  to   = terraform_data.moved
}

removed {
  from = terraform_data.f
  lifecycle {
    destroy = false
  }
}

resource "terraform_data" "i" {}

import {
  to = terraform_data.i
  id = "taken-over"
}

check "c" {
  assert {
    condition     = terraform_data.i.id == "other"
    error_message = "It is not the other."
  }
}
"#;

/// What `-json` says of a creation, an update, a replacement, a failure and a destruction.
#[test]
fn the_json_stream_is_terraforms() {
    let Some(terraform) = terraform("the comparison of the JSON stream") else { return };
    let (theirs, ours) = (Sandbox::with_config(CONFIG), Sandbox::with_config(CONFIG));
    for args in [
        &["apply", "-auto-approve", "-json"][..],
        &["plan", "-json"],
        &["apply", "-auto-approve", "-json", "-var", "v=two"],
        &["apply", "-auto-approve", "-json", "-var", "v=two", "-replace=terraform_data.b"],
        &["plan", "-json", "-var", "absent=x"],
        &["destroy", "-auto-approve", "-json"],
    ] {
        let expected = events(&theirs.terraform(&terraform, args).stdout);
        let actual = events(&ours.groma(args).stdout);
        assert!(expected == actual, "{args:?}\n{}", difference(&expected, &actual));
    }
}

/// What `-json` says of imports, moves, forgotten objects and checks.
#[test]
fn the_json_stream_of_imports_and_moves_is_terraforms() {
    let Some(terraform) = terraform("the comparison of the JSON stream") else { return };
    let before = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"f\" {}\n";
    let (theirs, ours) = (Sandbox::with_config(before), Sandbox::with_config(before));
    let apply = &["apply", "-auto-approve", "-json"][..];
    for (config, commands) in [(before, &[apply][..]), (IMPORTS, &[&["plan", "-json"][..], apply, apply][..])]
    {
        for sandbox in [&theirs, &ours] {
            sandbox.write("main.tf", config);
        }
        for args in commands {
            let expected = events(&theirs.terraform(&terraform, args).stdout).replace("Terraform", "groma");
            let actual = events(&ours.groma(args).stdout);
            assert!(expected == actual, "{args:?}\n{}", difference(&expected, &actual));
        }
    }
}

/// The events of a stream, a line each, without what differs from run to run and from program to program.
fn events(stream: &str) -> String {
    let mut lines = Vec::new();
    for line in stream.lines() {
        let mut event: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        if event["type"] == "version" {
            continue;
        }
        event.as_object_mut().expect("an event is an object").remove("@timestamp");
        // How long a change takes is the machine's doing: on a busy one a second passes now and then.
        if let Some(seconds) = event.pointer_mut("/hook/elapsed_seconds") {
            *seconds = "<n>".into();
        }
        let line = super::configurations::UUID.replace_all(&event.to_string(), "<uuid>").into_owned();
        lines.push(ELAPSED.replace_all(&line, "after <n>s").into_owned() + "\n");
    }
    // Groma reads everything at once, so that the order of refreshes differs.
    lines.sort();
    lines.concat()
}

static ELAPSED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bafter \d+s\b").expect("the pattern is valid"));
