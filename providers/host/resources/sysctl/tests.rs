use super::*;

#[test]
fn names_become_paths_as_sysctl_makes_them() {
    let rows = [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward", "net.ipv4.ip_forward"),
        ("net/ipv4/ip_forward", "net/ipv4/ip_forward", "net.ipv4.ip_forward"),
        (
            "net/ipv4/conf/eth0.1/forwarding",
            "net/ipv4/conf/eth0.1/forwarding",
            "net/ipv4/conf/eth0.1/forwarding",
        ),
        (
            "net.ipv4.conf.eth0/1.forwarding",
            "net/ipv4/conf/eth0.1/forwarding",
            "net/ipv4/conf/eth0.1/forwarding",
        ),
    ];
    for (name, path, written) in rows {
        assert_eq!(path_of(name), path, "{name}");
        assert_eq!(dotted(name), written, "{name}");
    }
}

#[test]
fn blanks_between_parts_do_not_count() {
    assert!(is_same("4096 131072\t6291456", "4096\t131072\t6291456\n"));
    assert!(!is_same("4096", "40 96"));
}
