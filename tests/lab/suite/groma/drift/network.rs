use super::{Case, Drift, Group};

/// Firewall rules and routes.
pub(super) const GROUP: Group = Group {
    name: "network",
    found: "nft add table inet theirs
        nft add table inet found; nft add chain inet found in '{ type filter hook input priority 5; }'",
    more: "",
    sources: &[],
    cases: &[
        Case {
            address: "host_firewall.web",
            arguments: r#"
                name             = "web"
                rollback_timeout = "20s"
                ruleset          = <<-EOT
                  chain in {
                    type filter hook input priority 0; policy drop;
                    ct state established,related accept
                    iif lo accept
                    tcp dport 22 accept
                  }
                EOT"#,
            drifts: &[
                Drift(&["ruleset"], "nft add rule inet web in tcp dport 80 accept"),
                Drift(&["ruleset"], "nft flush chain inet web in; nft add rule inet web in accept"),
                Drift(&["persistent"], "systemctl disable -q groma-firewall-web"),
                Drift(&[], "nft delete table inet web; rm /etc/groma/nftables/web.nft"),
            ],
            unseen: &[("name", "it is the key"), ("rollback_timeout", "it is how groma changes it")],
        },
        Case {
            address: "host_firewall.found",
            arguments: r#"
                name             = "found"
                rollback_timeout = "20s"
                ruleset          = "chain in {\n  type filter hook input priority 5;\n  tcp dport 22 accept\n}""#,
            drifts: &[Drift(&["ruleset"], "nft add rule inet found in tcp dport 81 accept")],
            unseen: &[],
        },
        Case {
            address: "host_route.lab",
            arguments: r#"
                destination      = "10.9.0.0/16"
                gateway          = "{net}.201"
                interface        = "eth0"
                metric           = 50
                rollback_timeout = "20s""#,
            drifts: &[
                Drift(
                    &["gateway"],
                    "ip route replace 10.9.0.0/16 via \"$(ip -o -4 address show eth0 | sed 's,.*inet \\([0-9.]*\\)\\.[0-9]*/.*,\\1,')\".202 metric 50",
                ),
                Drift(&["persistent"], "rm /etc/systemd/system/multi-user.target.wants/groma-route*"),
                Drift(&["gateway", "interface"], "ip route replace 10.9.0.0/16 dev lo metric 50"),
                Drift(&[], "ip route del 10.9.0.0/16 metric 50"),
            ],
            unseen: &[
                ("destination", "it is the key"),
                ("table", "it is the key"),
                ("metric", "it is the key"),
                ("rollback_timeout", "it is how groma changes it"),
            ],
        },
    ],
    kept: "",
};
