//! The SSH configuration against tables, and against `ssh -G` where it is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;

use super::server::{bare_settings, user};
use crate::connection::Target;
use crate::settings::Credential;
use crate::ssh::config::{Config, Folders, Found, Jump, Proxy};
use crate::ssh::route::{AgentKeys, Atlas};
use crate::transport::TransportError;

const FILE: &str = "/home/ann/.ssh/config";

fn config(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new(FILE), &Folders { home: None, working: Path::new("/") })
}

fn found(text: &str, alias: &str) -> Found {
    config(text).expect("can be read").lookup(alias)
}

#[test]
fn the_first_value_wins() {
    let text = "User ann\nHost web\n User bob\n Port 1\nHost *\n Port 2\n HostName %h.example.com\n";
    let web = found(text, "web");
    assert_eq!((web.user.as_deref(), web.port), (Some("ann"), Some(1)));
    assert_eq!(web.host_name.as_deref(), Some("web.example.com"));
    assert_eq!(found(text, "db").port, Some(2));
}

#[test]
fn conditions_choose() {
    let table = [
        ("a pattern", "Host w*\n Port 7", "web", Some(7)),
        ("another name", "Host w*\n Port 7", "db", None),
        ("one of several", "Host a b web\n Port 7", "web", Some(7)),
        ("an exclusion", "Host * !web\n Port 7", "web", None),
        ("an exclusion before", "Host !web *\n Port 7", "web", None),
        ("an exclusion alone is nobody", "Host !db\n Port 7", "web", None),
        ("Match all is everybody", "Host db\nMatch all\n Port 7", "web", Some(7)),
        ("another Match is nobody", "Match exec true\n Port 7", "web", None),
        ("another Match ends at the next Host", "Match exec true\n Port 6\nHost *\n Port 7", "web", Some(7)),
        ("an equals sign", "Host=web\n Port = 7", "web", Some(7)),
        ("quotes", "Host \"web\"\n Port \"7\"", "web", Some(7)),
        ("a comment at the end", "Host web # mine\n Port 7 # seven", "web", Some(7)),
        ("letters of any size", "HOST web\n pOrT 7", "web", Some(7)),
        ("unknown keywords are passed over", "Host web\n Frobnicate yes please\n Port 7", "web", Some(7)),
    ];
    for (why, text, alias, port) in table {
        assert_eq!(found(text, alias).port, port, "{why}");
    }
}

#[test]
fn jumps_are_read() {
    let jump = |user: Option<&str>, host: &str, port| Jump {
        user: user.map(str::to_owned),
        host: host.into(),
        port,
    };
    let table = [
        ("one", "b", Proxy::Jumps(vec![jump(None, "b", None)])),
        ("all of it", "u@b:2222", Proxy::Jumps(vec![jump(Some("u"), "b", Some(2222))])),
        ("several", "a,u@b", Proxy::Jumps(vec![jump(None, "a", None), jump(Some("u"), "b", None)])),
        ("as a URI", "ssh://u@b:22", Proxy::Jumps(vec![jump(Some("u"), "b", Some(22))])),
        ("IPv6", "u@[fe80::1]:22", Proxy::Jumps(vec![jump(Some("u"), "fe80::1", Some(22))])),
        ("IPv6 alone", "fe80::1", Proxy::Jumps(vec![jump(None, "fe80::1", None)])),
        ("none", "none", Proxy::Direct),
    ];
    for (why, value, expected) in table {
        assert_eq!(found(&format!("ProxyJump {value}"), "x").proxy, expected, "{why}");
    }
    let first = found("ProxyJump none\nProxyCommand nc %h %p", "x").proxy;
    assert_eq!(first, Proxy::Direct, "the first of the two counts");
    assert_eq!(found("ProxyCommand nc \"%h\" %p", "x").proxy, Proxy::Command("nc \"%h\" %p".into()));
}

#[test]
fn what_cannot_be_read_names_its_line() {
    let table = [
        ("a quote that is open", "User ann\nHost \"web\n", "line 2: a quote is not closed"),
        ("no value", "Port\n", "line 1: port has no value"),
        ("a port that is none", "Port ssh\n", "line 1: \"ssh\" is no port"),
        ("port 0", "Port 0\n", "line 1: \"0\" is no port"),
        ("two values", "User ann bob\n", "line 1: user takes one value, and \"bob\" is too much"),
        ("a jump that is none", "\n\nProxyJump a,,b\n", "line 3: \"\" is no USER@HOST:PORT"),
        (
            "a jump that is an option",
            "ProxyJump -oProxyCommand=x\n",
            "line 1: \"-oProxyCommand=x\" is no USER@HOST:PORT",
        ),
        ("neither yes nor no", "IdentitiesOnly maybe\n", "line 1: \"maybe\" is neither yes nor no"),
        ("Host without names", "Host\n", "line 1: host has no value"),
    ];
    for (why, text, expected) in table {
        let error = config(text).expect_err(why);
        assert_eq!(error, format!("The SSH configuration {FILE} cannot be used: {expected}."), "{why}");
    }
}

#[test]
fn files_are_included_under_the_conditions_around_them() {
    let folder = tempfile::tempdir().expect("there is room");
    let home = folder.path();
    fs::create_dir_all(home.join(".ssh/more")).expect("is made");
    let write = |name: &str, text: &str| fs::write(home.join(".ssh").join(name), text).expect("is written");
    write(
        "config",
        "Host web\n Include more/*.conf\n Port 9\nHost *\n Port 10\n Include absent\n Include ~/.ssh/last\n",
    );
    write("more/a.conf", "User ann\nHost db\n User dbuser\n");
    write("more/b.conf", "User bob\n");
    write("last", "User last\n");
    let folders = Folders { home: Some(home), working: home };
    let config = Config::read(&home.join(".ssh/config"), &folders).expect("can be read");
    let web = config.lookup("web");
    assert_eq!(
        (web.user.as_deref(), web.port),
        (Some("ann"), Some(9)),
        "the Host of an included file ends with it"
    );
    let db = config.lookup("db");
    assert_eq!(
        (db.user.as_deref(), db.port),
        (Some("last"), Some(10)),
        "what is included for one host is not for others"
    );
    write("more/a.conf", "Port x\n");
    let error = Config::read(&home.join(".ssh/config"), &folders).expect_err("is wrong");
    assert!(error.contains("more/a.conf cannot be used: line 1"), "{error}");
    write("more/a.conf", "Include config\n");
    let error = Config::read(&home.join(".ssh/config"), &folders).expect_err("goes round");
    assert!(error.contains("does one include itself?"), "{error}");
}

/// The way to a host, by a configuration.
fn route(text: &str, target: &Target) -> Result<Vec<String>, String> {
    let mut settings = bare_settings(Path::new("/home/ann"));
    settings.login = Credential { user: Some("ann".into()), ..Credential::default() };
    settings
        .credentials
        .insert("db".into(), Credential { user: Some("dba".into()), ..Credential::default() });
    let config = config(text)?;
    let route = Atlas { settings: &settings, config: Some(&config) }.route(target);
    match route {
        Ok(hops) => Ok(hops.iter().map(|hop| format!("{}@{}", hop.user, hop.address())).collect()),
        Err(TransportError::Settings(reason)) => Err(reason),
        Err(other) => Err(format!("{other:?}")),
    }
}

fn target(address: &str) -> Target {
    Target { address: address.into(), ..Target::default() }
}

#[test]
fn ways_are_found() {
    let text = "Host web\n ProxyJump b1,u2@b2:2\nHost b1\n HostName 10.0.0.1\n User u1\n ProxyJump b0\n\
                Host b2\n ProxyJump never\nHost loop\n ProxyJump loop\nHost nc\n ProxyCommand nc %h %p\nHost *\n Port 2200\n";
    let explicit =
        Target { user: Some("me".into()), port: Some(1), jumps: vec![target("j")], ..target("web") };
    let credential = Target { credential: Some("db".into()), ..target("b1") };
    let table = [
        (
            "a chain, the first one with its own way",
            target("web"),
            Ok(vec!["ann@b0:2200", "u1@10.0.0.1:2200", "u2@b2:2", "ann@web:2200"]),
        ),
        ("what the connection says counts", explicit, Ok(vec!["ann@j:2200", "me@web:1"])),
        (
            "a jump host's own way counts for the first one only",
            Target {
                jumps: vec![
                    Target { jumps: vec![target("j0")], ..target("j1") },
                    Target { jumps: vec![target("j9")], ..target("j2") },
                ],
                ..target("web")
            },
            Ok(vec!["ann@j0:2200", "ann@j1:2200", "ann@j2:2200", "ann@web:2200"]),
        ),
        ("a credential of a name brings its user", credential, Ok(vec!["ann@b0:2200", "dba@10.0.0.1:2200"])),
        ("a circle", target("loop"), Err("leads to loop through itself")),
        ("a program", target("nc"), Err("`ProxyCommand nc %h %p`, which groma does not run")),
        (
            "a program that is not needed",
            Target { jumps: vec![target("j")], ..target("nc") },
            Ok(vec!["ann@j:2200", "ann@nc:2200"]),
        ),
    ];
    for (why, target, expected) in table {
        match (route(text, &target), expected) {
            (Ok(hops), Ok(expected)) => assert_eq!(hops, expected, "{why}"),
            (Err(reason), Err(part)) => assert!(reason.contains(part), "{why}: {reason}"),
            (other, _) => panic!("{why}: {other:?}"),
        }
    }
    let unknown = Target { credential: Some("nobody".into()), ..target("x") };
    let reason = route("", &unknown).expect_err("is unknown");
    assert_eq!(
        reason,
        "The connection to x names the credential \"nobody\", which the provider block does not have (it has db)."
    );
}

#[test]
fn identity_files_are_expanded() {
    let text = "Host web\n HostName web.example.com\n User bob\n IdentityFile ~/.ssh/%h-%r-%n%%\n IdentityFile keys/id\nHost *\n IdentitiesOnly yes\n";
    let settings = bare_settings(Path::new("/home/ann"));
    let config = config(text).expect("can be read");
    let hops = Atlas { settings: &settings, config: Some(&config) }.route(&target("web")).expect("is found");
    let files: Vec<_> = hops[0].key_files.iter().map(|file| file.path.clone()).collect();
    let expected = ["/home/ann/.ssh/web.example.com-bob-web%", "/home/ann/keys/id"].map(PathBuf::from);
    assert_eq!(files, expected);
    assert_eq!(hops[0].agent_keys, AgentKeys::OfFiles);
}

#[test]
fn ssh_finds_the_same() {
    if Command::new("ssh").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "ssh is missing: install openssh-client");
        eprintln!("ssh is missing: its opinion on configurations is left out");
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    fs::write(folder.path().join("inc"), "Port 4444\nHost inner\n User inner\n").expect("is written");
    let texts = [
        "Host a\n HostName real.example\n User ann\n Port 2222\nHost *\n User other\n".to_owned(),
        "Host * !a\n Port 77\nHost a*\n Port=78\n HostName \"%h.local\"\n".to_owned(),
        "User first\nMatch all\n Port 5\nHost a\n Port 6\n".to_owned(),
        "Host a b\n ProxyJump u@j:99,k\nHost *\n ProxyJump none\n".to_owned(),
        format!(
            "Host a\n Include {0}/inc\nHost inner\n Include {0}/inc\nHost *\n Port 3\n",
            folder.path().display()
        ),
        "Host ?\n Port 8\nHost aa*\n Port 9 # nine\n\n  # nothing\n".to_owned(),
        "Host x y\tz a\n\tPort 11\nhost a\n\tport 12\n".to_owned(),
    ];
    for (i, text) in texts.iter().enumerate() {
        let file = folder.path().join(format!("config-{i}"));
        fs::write(&file, text).expect("is written");
        let folders = Folders { home: None, working: folder.path() };
        let config = Config::read(&file, &folders).expect("can be read");
        for alias in ["a", "b", "aab", "inner", "zz"] {
            let output =
                Command::new("ssh").arg("-G").arg("-F").arg(&file).arg(alias).output().expect("ssh runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let said = String::from_utf8(output.stdout).expect("is text");
            let value = |keyword: &str| {
                said.lines().find_map(|line| line.strip_prefix(keyword)).map(|rest| rest.trim().to_owned())
            };
            let found = config.lookup(alias);
            assert_eq!(
                Some(found.host_name.unwrap_or(alias.into())),
                value("hostname "),
                "{text} for {alias}"
            );
            assert_eq!(Some(found.user.unwrap_or_else(user)), value("user "), "{text} for {alias}");
            assert_eq!(Some(found.port.unwrap_or(22).to_string()), value("port "), "{text} for {alias}");
            let jumps = match found.proxy {
                Proxy::Jumps(jumps) => Some(jumps.iter().map(written).collect::<Vec<_>>().join(",")),
                _ => None,
            };
            assert_eq!(jumps, value("proxyjump ").filter(|jump| jump != "none"), "{text} for {alias}");
        }
    }
}

fn written(jump: &Jump) -> String {
    let user = jump.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
    let port = jump.port.map_or_else(String::new, |port| format!(":{port}"));
    format!("{user}{}{port}", jump.host)
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|\n){0,400}", alias in "\\PC{0,20}") {
        if let Ok(config) = config(&text) {
            config.lookup(&alias);
        }
    }

    #[test]
    fn nothing_like_a_configuration_makes_the_reader_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "Host", "Match", "all", "HostName", "Port", "User", "ProxyJump", "ProxyCommand", "IdentityFile", "none", "%h", "%", "\\", "\"", "'",
                "=", " ", "\n", "*", "!", "[", "]", ":", "@", "ssh://", ",", "22", "#", "-",
            ]),
            0..40,
        ),
    ) {
        if let Ok(config) = config(&parts.concat()) {
            config.lookup("host");
        }
    }
}
