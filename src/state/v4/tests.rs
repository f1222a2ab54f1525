use addrs::{InstanceKey, Name};
use value::{Marks, Path, Type, Value};

use super::{ReadError, read, write};
use crate::object::ObjectStatus;

/// Written by Terraform 1.11.4, with every optional field present somewhere.
const BY_TERRAFORM: &str = include_str!("testdata/terraform-1.11.tfstate");

#[test]
fn a_state_written_by_terraform_comes_back_to_the_letter() {
    let state = read(BY_TERRAFORM).expect("Terraform wrote it");
    assert_eq!(write(&state).expect("was read"), BY_TERRAFORM);
}

#[test]
fn every_field_of_terraform_is_understood() {
    let state = read(BY_TERRAFORM).expect("Terraform wrote it");
    let a = state.instance(&"terraform_data.a[0]".parse().expect("valid")).expect("present");
    let object = a.current.as_ref().expect("current");
    assert_eq!(object.status, ObjectStatus::Ready);
    assert!(object.create_before_destroy);
    let m = state.instance(&"module.m[\"k\"].terraform_data.x".parse().expect("valid")).expect("present");
    let x = m.current.as_ref().expect("current");
    assert_eq!(x.sensitive, [Path::from_attr("input")]);
    let secret = &state.outputs[&Name::from("secret")];
    assert!(secret.sensitive && secret.value.marks().contains(Marks::SENSITIVE));
    let tainted = state.instance(&"terraform_data.broken".parse().expect("valid")).expect("present");
    assert_eq!(tainted.current.as_ref().expect("current").status, ObjectStatus::Tainted);
}

#[test]
fn objects_are_encoded_with_their_sensitive_paths() {
    let value = Value::object_of([
        ("id", Value::string("x")),
        (
            "list",
            Value::list(Type::String, vec![Value::string("a"), Value::string("b").mark(Marks::SENSITIVE)]),
        ),
    ]);
    let object = crate::ObjectState::encode(&value, &value.ty(), 3).expect("known");
    assert_eq!(object.sensitive, [Path::from_attr("list").index(Value::number(1))]);
    assert_eq!(object.mark_sensitive(&value.unmark_deep()), value);
    let mut state = crate::State::new("l");
    let address: addrs::AbsResourceInstance = "t.n[\"k\"]".parse().expect("valid");
    assert_eq!(address.key, InstanceKey::from("k"));
    let provider = "provider[\"registry.terraform.io/hashicorp/t\"]".parse().expect("valid");
    state.set_current(&address, &provider, Some(object.into()));
    assert_eq!(read(&write(&state).expect("known")).expect("just written"), state);
}

#[test]
fn bad_files_are_refused_with_a_reason() {
    for (text, reason) in [
        ("", "empty"),
        ("  \n", "empty"),
        ("{", "not valid JSON"),
        ("{}", "no \"version\""),
        (r#"{"version":3}"#, "Terraform 0.11"),
        (r#"{"version":5}"#, "newer"),
        (
            r#"{"version":4,"resources":[{"mode":"x","type":"t","name":"n","provider":"provider[\"a/b/c\"]","instances":[]}]}"#,
            "resources[0] (t.n): The mode \"x\"",
        ),
        (
            r#"{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","provider":"provider[\"a/b/c\"]","instances":[{"status":"odd"}]}]}"#,
            "status \"odd\"",
        ),
        (
            r#"{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","provider":"provider[\"a/b/c\"]","instances":[{},{}]}]}"#,
            "twice",
        ),
    ] {
        let error: ReadError = read(text).expect_err(text);
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}

/// Whatever a disk or a person does to a state file: it is read or refused, and what is read can be written.
#[test]
fn a_damaged_file_is_read_or_refused() {
    const PIECES: [&str; 12] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        "null",
        "-1",
        "1e400",
        "\"\"",
        "\"\\ud800\"",
        "18446744073709551616",
        "\u{0}",
    ];
    let mut seed = 2026_u64;
    let mut below = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % bound
    };
    let (mut read_again, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let mut text: Vec<char> = BY_TERRAFORM.chars().collect();
        for _ in 0..=below(3) {
            let start = below(text.len());
            let end = (start + below(40)).min(text.len());
            match below(3) {
                0 => drop(text.splice(start..end, PIECES[below(PIECES.len())].chars())),
                1 => drop(text.drain(start..end)),
                _ => {
                    let at = below(text.len());
                    let moved: Vec<char> = text[start..end].to_vec();
                    drop(text.splice(at..at, moved));
                }
            }
        }
        let text: String = text.into_iter().collect();
        match read(&text) {
            Ok(state) => {
                read_again += 1;
                let written = write(&state).expect("what was read can be written");
                assert_eq!(read(&written).expect("just written"), state, "{text}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read_again > 0 && refused > ROUNDS / 2, "{read_again} read, {refused} refused");
}

const ROUNDS: usize = 3_000;
