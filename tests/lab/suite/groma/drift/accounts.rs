use super::{Case, Drift, Group};

/// Users, groups and keys: new ones, and some that were there.
pub(super) const GROUP: Group = Group {
    name: "accounts",
    found: "groupadd -g 4300 theirs; gpasswd -a admin theirs
        useradd -m -c 'Was here' -s /bin/sh -G theirs old; echo 'old:secret' | chpasswd
        mkdir -m 0700 ~old/.ssh; echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFxvcRBpU3KKGYMOLBZTzr9lM9TtNnPRhhbE1yPwmbgT theirs' >~old/.ssh/authorized_keys
        chown -R old: ~old/.ssh",
    more: "",
    sources: &[],
    cases: &[
        Case {
            address: "host_group.ops",
            arguments: r#"
                name    = "ops"
                gid     = 4242
                members = ["admin"]"#,
            drifts: &[
                Drift(&["gid"], "groupmod -g 4243 ops"),
                Drift(&["members"], "gpasswd -d admin ops"),
                Drift(&["members"], "gpasswd -a nobody ops"),
                Drift(&["gid", "members"], "groupmod -g 4244 ops; gpasswd -a nobody ops"),
            ],
            unseen: &[("name", "it is the key"), ("system", "it matters only when it is made")],
        },
        Case {
            address: "host_group.gone",
            arguments: "name = \"gone\"\n system = true",
            drifts: &[Drift(&[], "groupdel gone")],
            unseen: &[],
        },
        Case {
            address: "host_group.theirs",
            arguments: "name = \"theirs\"\n gid = 4301\n members = []",
            drifts: &[Drift(&["gid"], "groupmod -g 4302 theirs"), Drift(&["members"], "gpasswd -a admin theirs")],
            unseen: &[],
        },
        Case {
            address: "host_user.ann",
            arguments: r#"
                name             = "ann"
                uid              = 2345
                group            = host_group.ops.name
                groups           = ["adm"]
                groups_exclusive = true
                home             = "/srv/ann"
                shell            = "/bin/bash"
                comment          = "Ann"
                password_hash    = "$6$salt$0123456789"
                locked           = false
                expires          = "2030-01-01"
                remove_home      = true"#,
            drifts: &[
                Drift(&["uid"], "usermod -u 2346 ann"),
                Drift(&["group"], "usermod -g users ann"),
                Drift(&["groups"], "gpasswd -d ann adm"),
                Drift(&["groups"], "gpasswd -a ann sudo"),
                Drift(&["home"], "usermod -m -d /srv/other ann"),
                Drift(&["shell"], "usermod -s /bin/sh ann"),
                Drift(&["comment"], "usermod -c Anna ann"),
                Drift(&["password_hash"], "usermod -p '$6$salt$9876543210' ann"),
                Drift(&["locked"], "usermod -L ann"),
                Drift(&["expires"], "chage -E 2031-01-01 ann"),
                Drift(&["expires"], "chage -E -1 ann"),
                Drift(&["create_home"], "rm -r /srv/ann"),
                Drift(&[], "userdel -r ann"),
            ],
            unseen: &[
                ("name", "it is the key"),
                ("groups_exclusive", "it is how groups are looked at"),
                ("remove_home", "it is how groma removes it"),
                ("system", "it matters only when it is made"),
            ],
        },
        Case {
            address: "host_user.bob",
            arguments: "name = \"bob\"\n remove_home = true",
            drifts: &[],
            unseen: &[],
        },
        Case {
            address: "host_user.old",
            arguments: r#"
                name    = "old"
                comment = "Taken over"
                shell   = "/bin/bash"
                groups  = ["adm"]
                locked  = true"#,
            drifts: &[
                Drift(&["comment", "shell"], "usermod -c x -s /bin/sh old"),
                Drift(&["groups"], "gpasswd -d old adm"),
                Drift(&["locked"], "usermod -U old"),
            ],
            unseen: &[],
        },
        Case {
            address: "host_authorized_key.bob",
            arguments: r#"
                user    = host_user.bob.name
                key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFxvcRBpU3KKGYMOLBZTzr9lM9TtNnPRhhbE1yPwmbgA bob"
                options = ["restrict", "from=\"10.0.0.0/8\""]"#,
            drifts: &[
                Drift(&["options"], "sed -i s/restrict,// ~bob/.ssh/authorized_keys"),
                Drift(&[], ">~bob/.ssh/authorized_keys"),
            ],
            unseen: &[("user", "it is the key"), ("key", "it is the key")],
        },
        Case {
            address: "host_authorized_key.old",
            arguments: r#"
                user = "old"
                key  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFxvcRBpU3KKGYMOLBZTzr9lM9TtNnPRhhbE1yPwmbgB new""#,
            drifts: &[
                Drift(&["options"], "sed -i 's/^ssh-ed25519 \\(.*new\\)/no-pty ssh-ed25519 \\1/' ~old/.ssh/authorized_keys"),
                Drift(&[], "sed -i /new/d ~old/.ssh/authorized_keys"),
            ],
            unseen: &[],
        },
    ],
    kept: "",
};
