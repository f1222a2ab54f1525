use std::process::Command;

use super::members::{is_valid, pattern};
use super::record::parse;

/// What awk, which chooses members on hosts, says of a name.
fn awk_takes(pattern: &str, name: &str) -> bool {
    let program = r#"BEGIN { exit !(ENVIRON["name"] ~ ENVIRON["pattern"]) }"#;
    let status = Command::new("awk").arg(program).env("pattern", pattern).env("name", name).status();
    status.expect("there is awk").success()
}

#[test]
fn members_are_chosen_by_name() {
    let rows = [
        ("bin/runc", "bin/runc", true, "itself"),
        ("bin/runc", "./bin/runc", true, "as some write it"),
        ("./bin/runc", "bin/runc", true, "the other way round"),
        ("bin/runc", "bin/runc2", false, "the whole name"),
        ("bin/runc", "a/bin/runc", false, "from the beginning"),
        ("bin", "bin/a/b", true, "all in a folder"),
        ("bin/", "bin/a", true, "all in a folder, with its slash"),
        ("bin/*", "bin/a", true, "any name"),
        ("bin/c*d", "bin/c/d", false, "no slash"),
        ("**/d", "bin/c/d", true, "any folders"),
        ("bin/?", "bin/ab", false, "one character"),
        ("a.b+c", "a.b+c", true, "characters that mean something to awk"),
        ("a.b", "aXb", false, "a dot is a dot"),
        ("a{1}(x)|$", "a{1}(x)|$", true, "more of them"),
        ("[a]^", "[a]^", true, "more of them"),
        ("[a]", "a", false, "no sets"),
        ("ä b", "ä b", true, "what is not ASCII"),
    ];
    for (text, name, taken, why) in rows {
        assert_eq!(awk_takes(&pattern(text), name), taken, "{why}: {text} {name}");
    }
    for (text, valid) in
        [("a", true), ("a..b/c", true), ("/a", false), ("a/../b", false), ("", false), (r"a\b", false)]
    {
        assert_eq!(is_valid(text), valid, "{text:?}");
    }
}

#[test]
fn what_is_not_as_it_was_unpacked_is_told() {
    let text = "= 1\nx sha512 ab\ns 81ed 0 0 root root ./a b\nh 11  ./a b\ns 81a4 0 0 root root ./gone\nh 22  ./gone\n\
                s a1ff 0 0 root root ./l\nl ./l\nt a b\ns 81a4 0 0 root root ./c\nh 33  ./c\ns 81a4 0 0 root root ./k\nh 44  ./k\n\
                s 81a4 0 0 root root ./same\nh 55  ./same\nd .\nd ./x\nnow\n\
                s 89ff 0 5 root games ./a b\nh 11  ./a b\ns a1ff 0 0 root root ./l\nl ./l\nt /etc\n\
                s 81a4 0 0 root root ./c\nh 34  ./c\ns 11a4 0 0 root root ./k\ns 81a4 0 0 root root ./same\nh 55  ./same\n= 2\nx sha256 cd\nnow\n";
    let all = parse(text, 3);
    assert_eq!(all[0], None);
    let found = all[1].as_ref().expect("is recorded");
    assert_eq!(found.archive, Some(("sha512", "ab".to_owned())));
    let pairs = |rows: &[(&str, &str)]| {
        rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        found.files(),
        pairs(&[("a b", "11"), ("c", "33"), ("gone", "22"), ("k", "44"), ("l", "-> a b"), ("same", "55")])
    );
    assert_eq!(
        found.changed(),
        pairs(&[
            ("a b", "has the mode 4777, not 0755, belongs to root:games, not root:root"),
            ("c", "has another content"),
            ("gone", "is gone"),
            ("k", "is of another kind"),
            ("l", "leads to /etc"),
        ])
    );
    assert!(all[2].as_ref().is_some_and(super::record::Found::is_gone));
}
