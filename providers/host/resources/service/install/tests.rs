use super::*;

fn links(name: &str, text: &str) -> Vec<String> {
    let links = Install::parse(text).links(name, &format!("/lib/systemd/system/{name}"));
    links.into_iter().map(|(path, target)| format!("{} {target}", path.trim_start_matches(UNITS))).collect()
}

#[test]
fn install_sections_ask_for_links() {
    let rows: [(&str, &str, &str, &[&str]); 8] = [
        (
            "wanted",
            "a.service",
            "[Install]\nWantedBy=multi-user.target",
            &["/multi-user.target.wants/a.service /lib/systemd/system/a.service"],
        ),
        ("of another section", "a.service", "[Unit]\nWantedBy=x.target", &[]),
        (
            "emptied",
            "a.service",
            "[Install]\nWantedBy=x.target\nWantedBy=\nRequiredBy = y.target",
            &["/y.target.requires/a.service /lib/systemd/system/a.service"],
        ),
        (
            "continued, with a comment between",
            "a.service",
            "[Install]\n# no\nWantedBy=x.target \\\n  y.target",
            &[
                "/x.target.wants/a.service /lib/systemd/system/a.service",
                "/y.target.wants/a.service /lib/systemd/system/a.service",
            ],
        ),
        ("alias", "a.service", "[Install]\nAlias=b.service", &["/b.service /lib/systemd/system/a.service"]),
        (
            "template",
            "a@.service",
            "[Install]\nWantedBy=x.target\nDefaultInstance=1",
            &["/x.target.wants/a@1.service /lib/systemd/system/a@.service"],
        ),
        ("template without an instance", "a@.service", "[Install]\nWantedBy=x.target", &[]),
        (
            "specifier",
            "a@b.service",
            "[Install]\nWantedBy=%i.target ../x.target",
            &["/b.target.wants/a@b.service /lib/systemd/system/a@b.service"],
        ),
    ];
    for (why, name, text, expected) in rows {
        assert_eq!(links(name, text), expected, "{why}");
    }
}

#[test]
fn templates_are_found_by_their_instances() {
    assert_eq!(template_of("getty@tty1.service"), "getty@.service");
    assert_eq!(template_of("ssh.service"), "ssh.service");
}
