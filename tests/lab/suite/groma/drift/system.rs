use super::{Case, Drift, Group};

/// Names, the kernel, packages and services. Settings are those that each host has of its own.
pub(super) const GROUP: Group = Group {
    name: "system",
    found: "touch /etc/fstab; apt-get -qq update
        apt-get -qq install lab-beta=1.0 >/dev/null; apt-mark -qq auto lab-beta; apt-mark -qq hold lab-beta
        echo '192.0.2.9 theirs.example theirs' >>/etc/hosts
        printf '[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/theirs.service
        systemctl daemon-reload; systemctl start theirs
        mkdir -p /usr/share/zoneinfo/Asia; [ -e /usr/share/zoneinfo/Asia/Kathmandu ] || printf 'TZif2\\0' >/usr/share/zoneinfo/Asia/Kathmandu",
    more: r#"
data "host_file" "key" {
  host = host_machine.d1.connection
  path = "/srv/groma-lab/extra/key.asc"
}
"#,
    sources: &[],
    cases: &[
        Case {
            address: "host_hostname.this",
            arguments: "name = \"node1.example\"\n hosts_address = \"127.0.1.1\"",
            drifts: &[
                Drift(&["name"], "hostname other"),
                Drift(&["name"], "echo other >/etc/hostname"),
                Drift(&["hosts_address"], "sed -i s/127.0.1.1/127.0.1.2/ /etc/hosts"),
                Drift(&["hosts_address"], "sed -i /node1/d /etc/hosts"),
            ],
            unseen: &[],
        },
        Case {
            address: "host_hosts_entry.api",
            arguments: "address = \"192.0.2.1\"\n names = [\"api.example\", \"api\"]",
            drifts: &[
                Drift(&["address"], "sed -i s/192.0.2.1/192.0.2.2/ /etc/hosts"),
                Drift(&["names"], "sed -i 's/api.example api/api.example/' /etc/hosts"),
                Drift(&[], "sed -i /api.example/d /etc/hosts"),
            ],
            unseen: &[],
        },
        Case {
            address: "host_hosts_entry.theirs",
            arguments: "address = \"192.0.2.9\"\n names = [\"theirs.example\", \"ours\"]",
            drifts: &[Drift(&["names"], "sed -i 's/theirs.example ours/theirs.example/' /etc/hosts")],
            unseen: &[],
        },
        Case {
            address: "host_timezone.this",
            arguments: "zone = \"Asia/Kathmandu\"",
            drifts: &[Drift(&["zone"], "ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime")],
            unseen: &[],
        },
        Case {
            address: "host_sysctl.backlog",
            arguments: "name = \"net.core.somaxconn\"\n value = \"1234\"",
            drifts: &[
                Drift(&["value"], "sysctl -q -w net.core.somaxconn=4000"),
                Drift(&["boot_value"], "echo net.core.somaxconn=7 >/etc/sysctl.d/zz-groma-net.core.somaxconn.conf"),
                Drift(&["boot_value"], "rm /etc/sysctl.d/zz-groma-net.core.somaxconn.conf"),
            ],
            unseen: &[("name", "it is the key"), ("ignore_running", "it is how the setting is looked at")],
        },
        Case {
            address: "host_kernel_module.overlay",
            arguments: "name = \"overlay\"\n options = { metacopy = \"N\" }",
            drifts: &[
                Drift(&["at_boot"], "rm /etc/modules-load.d/groma-overlay.conf"),
                Drift(&["options"], "sed -i s/metacopy=N/metacopy=Y/ /etc/modprobe.d/groma-overlay.conf"),
                Drift(&["options"], "rm /etc/modprobe.d/groma-overlay.conf"),
                Drift(
                    &["blacklist"],
                    "printf 'blacklist overlay\\ninstall overlay /bin/false\\n' >>/etc/modprobe.d/groma-overlay.conf",
                ),
            ],
            unseen: &[
                ("name", "it is the key"),
                ("loaded", "the kernel is that of the machine that runs the tests: none can be unloaded there"),
            ],
        },
        Case {
            address: "host_package.alpha",
            arguments: "name = \"lab-alpha\"\n version = \"1.0\"\n hold = true",
            drifts: &[
                Drift(&["hold"], "apt-mark -qq unhold lab-alpha"),
                Drift(
                    &["version"],
                    "apt-get -qq install --allow-change-held-packages lab-alpha=2.0 >/dev/null; apt-mark -qq hold lab-alpha",
                ),
                Drift(&[], "apt-get -qq remove --allow-change-held-packages lab-alpha >/dev/null"),
            ],
            unseen: &[("name", "it is the key"), ("purge", "it is how groma removes it")],
        },
        Case {
            address: "host_package.found",
            arguments: "name = \"lab-beta\"\n hold = false",
            drifts: &[Drift(&["hold"], "apt-mark -qq hold lab-beta")],
            unseen: &[],
        },
        Case {
            address: "host_package_repository.extra",
            arguments: r#"
                name             = "extra"
                urls             = ["file:/srv/groma-lab/extra"]
                suites           = ["./"]
                architectures    = ["amd64", "all"]
                enabled          = true
                check_signatures = true
                options          = { Languages = "none" }
                key              = data.host_file.key.content"#,
            drifts: &[
                Drift(&["enabled"], "sed -i 's/^Types/Enabled: no\\nTypes/' /etc/apt/sources.list.d/extra.sources"),
                Drift(&["key"], "cp /srv/groma-lab/other/key.gpg /etc/apt/keyrings/extra.gpg"),
                Drift(&["architectures"], "sed -i '/^Architectures/s/ all//' /etc/apt/sources.list.d/extra.sources"),
                // While it is wrong, no package can be installed: the rows of packages are above.
                Drift(&["urls"], "sed -i 's,lab/extra,lab/debian,' /etc/apt/sources.list.d/extra.sources"),
                Drift(&["suites"], "sed -i 's,^Suites: ./,Suites: more/,' /etc/apt/sources.list.d/extra.sources"),
                Drift(&["options"], "sed -i '/^Languages/d' /etc/apt/sources.list.d/extra.sources"),
                Drift(&["options"], "echo 'Check-Date: no' >>/etc/apt/sources.list.d/extra.sources"),
                Drift(&["check_signatures"], "echo 'Trusted: yes' >>/etc/apt/sources.list.d/extra.sources"),
                Drift(&[], "rm /etc/apt/sources.list.d/extra.sources"),
            ],
            unseen: &[
                ("name", "it is the key"),
                ("manager", "it is the host's own"),
                ("components", "flat repositories have none: providers/host/resources/package_repository"),
                ("key_name", "it is for apk"),
            ],
        },
        Case {
            address: "host_service.own",
            arguments: r#"
                name       = "own.service"
                unit       = "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
                drop_ins   = { nice = "[Service]\nNice=5\n" }
                enabled    = true
                state      = "running"
                masked     = false
                restart_on = { one = "1" }
                reload_on  = { two = "2" }
                health = {
                  command = "systemctl is-active own.service"
                }"#,
            drifts: &[
                Drift(&["unit"], "echo '# by hand' >>/etc/systemd/system/own.service"),
                Drift(&["drop_ins"], "echo '# by hand' >>/etc/systemd/system/own.service.d/nice.conf"),
                Drift(&["drop_ins"], "rm /etc/systemd/system/own.service.d/nice.conf"),
                Drift(&["enabled"], "systemctl disable -q own.service"),
                Drift(&["state"], "systemctl stop own.service"),
                Drift(&["masked", "unit"], "ln -sf /dev/null /etc/systemd/system/own.service; systemctl daemon-reload"),
            ],
            unseen: &[
                ("name", "it is the key"),
                ("restart_on", "it is the configuration's own"),
                ("reload_on", "it is the configuration's own"),
                ("health", "it is how groma looks after a start"),
            ],
        },
        Case {
            address: "host_service.theirs",
            arguments: "name = \"theirs.service\"\n enabled = true\n state = \"stopped\"",
            drifts: &[
                Drift(&["enabled"], "systemctl disable -q theirs"),
                Drift(&["state"], "systemctl start theirs"),
            ],
            unseen: &[],
        },
        Case {
            address: "host_swap.off",
            arguments: "enabled = false",
            drifts: &[
                Drift(&["fstab"], "echo '/swap.img none swap sw 0 0' >>/etc/fstab"),
                Drift(&["units"], "printf '[Swap]\\nWhat=/one\\n' >/etc/systemd/system/one.swap; systemctl daemon-reload"),
            ],
            unseen: &[
                ("enabled", "it can only be false; what makes swap shows by its own names"),
                ("active", "swap is that of the machine that runs the tests: providers/host/tests/lab_swap.rs"),
            ],
        },
    ],
    // What was added by hand, and kept off, comes back.
    kept: "grep -q ^/swap.img /etc/fstab; sed -i /swap.img/d /etc/fstab
        rm /etc/systemd/system/one.swap; systemctl daemon-reload",
};
