//! The `known_hosts` format against tables, and against ssh-keygen where it is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;

use super::server::run;
use crate::ssh::known_hosts::{Line, Marker, Name, parse, wildcard};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";

fn one(hosts: &str) -> Line {
    let mut lines = parse(&format!("{hosts} {KEY}"), None);
    assert_eq!(lines.len(), 1, "{hosts}");
    lines.remove(0)
}

#[test]
fn patterns_match_hosts() {
    let table = [
        ("a name is itself", "web.example.com", "web.example.com", true),
        ("a name is no part of a longer one", "web", "web.example.com", false),
        ("large letters are small ones", "Web.Example.com", "web.example.com", true),
        ("one of several", "a,b,c", "b", true),
        ("a star is anything", "*.example.com", "a.b.example.com", true),
        ("a star needs the rest", "*.example.com", "example.com", false),
        ("a star alone", "*", "anything", true),
        ("a question mark is one character", "node?", "node7", true),
        ("a question mark is no nothing", "node?", "node", false),
        ("an exclusion wins", "*.example.com,!bad.example.com", "bad.example.com", false),
        ("an exclusion wins wherever it stands", "!bad.example.com,*.example.com", "bad.example.com", false),
        ("an exclusion leaves the others", "*.example.com,!bad.example.com", "good.example.com", true),
        ("an exclusion alone means nobody", "!bad", "good", false),
        ("an address with its port", "[10.0.0.1]:2222", "[10.0.0.1]:2222", true),
        ("another port is another host", "[10.0.0.1]:2222", "[10.0.0.1]:22", false),
        ("a star within brackets", "[10.0.0.*]:2222", "[10.0.0.9]:2222", true),
        ("IPv6", "fe80::1", "fe80::1", true),
        ("empty patterns are nobody", ",,", "", false),
    ];
    for (why, hosts, host, expected) in table {
        assert_eq!(one(hosts).is_about(host), expected, "{why}");
    }
}

#[test]
fn lines_are_read_or_passed_over() {
    let table = [
        ("a line", format!("host {KEY}"), Some(Marker::Host)),
        ("a comment at the end", format!("host {KEY} someone@somewhere else"), Some(Marker::Host)),
        ("tabs and spaces", format!("  host\t {}  ", KEY.replace(' ', "   ")), Some(Marker::Host)),
        ("an authority", format!("@cert-authority *.a {KEY}"), Some(Marker::Authority)),
        ("a revocation", format!("@revoked * {KEY}"), Some(Marker::Revoked)),
        ("an unknown marker", format!("@trusted * {KEY}"), None),
        ("a comment", format!("# host {KEY}"), None),
        ("nothing", String::new(), None),
        ("no key", "host ssh-ed25519".into(), None),
        ("a damaged key", format!("host {RSA}"), None),
        (
            "a key of another type than it says",
            format!("host {}", KEY.replacen("ssh-ed25519", "ssh-rsa", 1)),
            None,
        ),
        ("a key of version 1", "host 1024 35 1234567".into(), None),
        ("a broken hash", format!("|1|xyz {KEY}"), None),
        ("a hash of another kind", format!("|2|aGVsbG8=|aGVsbG8= {KEY}"), None),
    ];
    for (why, line, expected) in table {
        let lines = parse(&line, None);
        assert_eq!(lines.first().map(|line| line.marker), expected, "{why}");
    }
}

#[test]
fn lines_know_their_place() {
    let file = PathBuf::from("/home/ann/.ssh/known_hosts");
    let lines = parse(&format!("# mine\n\na {KEY}\r\nb {KEY}"), Some(&file));
    let places: Vec<_> = lines.iter().map(|line| line.place.to_string()).collect();
    assert_eq!(places, ["/home/ann/.ssh/known_hosts line 3", "/home/ann/.ssh/known_hosts line 4"]);
}

#[test]
fn names_have_their_port_unless_it_is_the_usual_one() {
    assert_eq!(Name::new("Web.Example", 22).full, "web.example");
    assert_eq!(Name::new("Web.Example", 2222).full, "[web.example]:2222");
    assert_eq!(Name::new("fe80::1", 2222).full, "[fe80::1]:2222");
}

#[test]
fn stars_take_no_exponential_time() {
    let pattern = "*a".repeat(200);
    let text = "a".repeat(5000) + "b";
    let begun = std::time::Instant::now();
    assert!(!wildcard(&pattern, &text));
    assert!(begun.elapsed().as_secs() < 5);
}

/// Whether ssh-keygen finds a host in a file.
fn keygen_finds(file: &Path, host: &str) -> bool {
    Command::new("ssh-keygen")
        .args(["-F", host, "-f"])
        .arg(file)
        .output()
        .expect("ssh-keygen runs")
        .status
        .success()
}

#[test]
fn ssh_keygen_finds_the_same_hosts() {
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "ssh-keygen is missing: install openssh-client");
        eprintln!("ssh-keygen is missing: its opinion on known_hosts is left out");
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let hosts = [
        "a",
        "*.b.c",
        "[h]:2222,plain",
        "*.x,!bad.x",
        "n?de",
        "10.0.0.*",
        "!no,yes",
        "[fe80::1]:22022",
        "UPPER",
    ];
    let names = [
        "a",
        "b.c",
        "z.b.c",
        "[h]:2222",
        "h",
        "plain",
        "good.x",
        "bad.x",
        "node",
        "nde",
        "10.0.0.7",
        "10.0.1.7",
        "no",
        "yes",
        "[fe80::1]:22022",
        "upper",
    ];
    for (i, hosts) in hosts.iter().enumerate() {
        let file = folder.path().join(format!("known-{i}"));
        fs::write(&file, format!("{hosts} {KEY}\n")).expect("is written");
        for name in names {
            assert_eq!(one(hosts).is_about(name), keygen_finds(&file, name), "{name} in {hosts}");
        }
    }
    // Hashed by ssh-keygen, found by us.
    let file = folder.path().join("hashed");
    fs::write(&file, format!("plain {KEY}\n[h]:2222 {KEY}\n")).expect("is written");
    run("ssh-keygen", &["-q", "-H", "-f", "hashed"], folder.path());
    let text = fs::read_to_string(&file).expect("is there");
    assert!(text.lines().all(|line| line.starts_with("|1|")), "{text}");
    let lines = parse(&text, None);
    let found = |name: &str| lines.iter().filter(|line| line.is_about(name)).count();
    assert_eq!((found("plain"), found("[h]:2222"), found("h")), (1, 1, 0));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|\n){0,400}", host in "\\PC{0,20}") {
        for line in parse(&text, None) {
            line.is_about(&host);
        }
    }

    #[test]
    fn nothing_like_a_line_makes_the_reader_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "@revoked", "@cert-authority", "|1|", "|", "ssh-ed25519", "ssh-rsa", "AAAA", "AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ",
                "AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7", "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t", "*", "!", ",", " ", "\n", "[", "]:22", "#", "=",
            ]),
            0..24,
        ),
    ) {
        for line in parse(&parts.concat(), None) {
            line.is_about("host");
        }
    }

    #[test]
    fn a_pattern_without_signs_is_only_itself(one in "[a-z.]{1,12}", other in "[a-z.]{1,12}") {
        prop_assert_eq!(wildcard(&one, &other), one == other);
    }
}
