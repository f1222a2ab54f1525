use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn definition() -> Definition {
    Definition {
        urls: texts(&["https://a.example/one", "https://b.example/two"]),
        enabled: true,
        check_signatures: true,
        ..Definition::default()
    }
}

#[test]
fn entries_are_written_and_read_again() {
    let apt =
        Definition { suites: texts(&["bookworm"]), components: texts(&["main", "extra"]), ..definition() };
    let options = |name: &str| BTreeMap::from([(name.to_owned(), "10".to_owned())]);
    let rows = [
        (
            "apt",
            Manager::Apt,
            apt.clone(),
            "# Managed by groma.\nTypes: deb\nURIs: https://a.example/one https://b.example/two\nSuites: bookworm\nComponents: main extra\n",
        ),
        (
            "apt with all",
            Manager::Apt,
            Definition {
                architectures: texts(&["amd64"]),
                enabled: false,
                check_signatures: false,
                signed: true,
                options: options("Check-Date"),
                ..apt
            },
            "# Managed by groma.\nTypes: deb\nURIs: https://a.example/one https://b.example/two\nSuites: bookworm\nComponents: main extra\nArchitectures: amd64\nSigned-By: /key\nEnabled: no\nTrusted: yes\nCheck-Date: 10\n",
        ),
        (
            "dnf",
            Manager::Dnf,
            Definition { signed: true, options: options("priority"), ..definition() },
            "# Managed by groma.\n[own]\nname=own\nbaseurl=https://a.example/one\n        https://b.example/two\nenabled=1\ngpgcheck=1\ngpgkey=file:///key\npriority=10\n",
        ),
        (
            "zypper, off",
            Manager::Zypper,
            Definition { enabled: false, check_signatures: false, ..definition() },
            "# Managed by groma.\n[own]\nname=own\nbaseurl=https://a.example/one\n        https://b.example/two\nenabled=0\ngpgcheck=0\n",
        ),
        ("apk", Manager::Apk, definition(), "https://a.example/one\nhttps://b.example/two\n"),
    ];
    for (why, manager, definition, text) in rows {
        assert_eq!(definition.render(manager, "own", "/key"), text, "{why}");
        assert_eq!(Definition::parse(manager, "own", "/key", text), definition, "{why}");
    }
}

#[test]
fn what_others_wrote_is_read_as_it_means() {
    let text = "# by hand\nTypes: deb deb-src\nURIs:\n https://a.example/one\nSuites: sid\nComponents: main\nSigned-By: /usr/share/other.gpg\nenabled: NO\n";
    let seen = Definition::parse(Manager::Apt, "own", "/key", text);
    assert_eq!((seen.urls, seen.enabled, seen.signed), (texts(&["https://a.example/one"]), false, false));
    let options = [("Signed-By", "/usr/share/other.gpg"), ("Types", "deb deb-src")]
        .map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(seen.options, BTreeMap::from(options));
}
