use super::{Case, Drift, Group};

/// Files, folders, links, downloads, and what commands make.
pub(super) const GROUP: Group = Group {
    name: "files",
    found: "mkdir -m 0711 /srv/found.d
        echo theirs >/srv/found.d/file; chown admin:adm /srv/found.d/file; chmod 0604 /srv/found.d/file
        ln -s /nowhere /srv/found.d/link
        echo wanted >/srv/wanted; touch /etc/fstab
        mkdir -p /tmp/pack/top/sub; cd /tmp/pack; echo one >top/sub/one; echo two >top/two
        chmod 0755 top top/sub; chmod 0644 top/two top/sub/one
        tar --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf /srv/one.tar top",
    more: "",
    sources: &[("source", "copied\n"), ("template", "name = ${name}\n"), ("wanted", "wanted\n")],
    cases: &[
        Case {
            address: "host_file.plain",
            arguments: r#"
                path    = "/srv/plain"
                content = "it is\n"
                mode    = "0640"
                owner   = "admin"
                group   = "adm"
                backup  = false"#,
            drifts: &[
                Drift(&["content", "content_sha256", "revision", "size"], "echo something else >/srv/plain"),
                Drift(&["mode"], "chmod 0600 /srv/plain"),
                Drift(&["owner"], "chown root /srv/plain"),
                Drift(&["group"], "chgrp root /srv/plain"),
                Drift(&[], "rm /srv/plain"),
                Drift(
                    &["content", "content_sha256", "mode", "revision", "size"],
                    ">/srv/plain; chmod 0777 /srv/plain",
                ),
            ],
            unseen: &[("path", "it is the key"), ("backup", "it is how groma writes")],
        },
        Case {
            address: "host_file.bytes",
            arguments: r#"
                path           = "/srv/bytes"
                content_base64 = "AAEC/w=="
                backup         = true"#,
            drifts: &[Drift(
                &["content_base64", "content_sha256", "revision", "size"],
                "printf x >>/srv/bytes",
            )],
            unseen: &[],
        },
        Case {
            address: "host_file.copied",
            arguments: r#"
                path   = "/srv/copied"
                source = "{folder}/source""#,
            drifts: &[
                Drift(&["content_sha256", "revision", "size"], "echo other >/srv/copied"),
                Drift(&["content_sha256", "revision"], "echo Copied >/srv/copied"),
            ],
            unseen: &[("source", "it is a path here; the file's digest shows")],
        },
        Case {
            address: "host_file.secret",
            arguments: r#"
                path              = "/srv/secret"
                sensitive_content = "hidden\n"
                mode              = "0600""#,
            drifts: &[Drift(&["revision", "sensitive_content"], "echo Hidden >/srv/secret")],
            unseen: &[],
        },
        Case {
            address: "host_file.rendered",
            arguments: r#"
                path      = "/srv/rendered"
                template  = "{folder}/template"
                variables = { name = "a" }"#,
            drifts: &[Drift(&["content_sha256", "rendered", "revision"], "echo name = b >/srv/rendered")],
            unseen: &[
                ("template", "it is a path here; the rendered text shows"),
                ("variables", "the rendered text shows"),
            ],
        },
        Case {
            address: "host_file.hidden",
            arguments: r#"
                path                = "/srv/hidden"
                template            = "{folder}/template"
                sensitive_variables = { name = "a" }"#,
            drifts: &[Drift(&["revision", "sensitive_rendered"], "echo name = b >/srv/hidden")],
            unseen: &[("sensitive_variables", "the rendered text shows")],
        },
        Case {
            address: "host_file.found",
            arguments: r#"
                path    = "/srv/found.d/file"
                content = "ours\n""#,
            drifts: &[
                Drift(&["content", "content_sha256", "revision"], "echo Ours >/srv/found.d/file"),
                Drift(&[], "rm /srv/found.d/file"),
            ],
            unseen: &[],
        },
        Case {
            address: "host_directory.new",
            arguments: r#"
                path    = "/srv/deep/new"
                mode    = "2750"
                owner   = "admin"
                group   = "adm"
                parents = true"#,
            drifts: &[
                Drift(&["mode"], "chmod 0700 /srv/deep/new"),
                Drift(&["owner"], "chown root /srv/deep/new"),
                Drift(&["group"], "chgrp root /srv/deep/new; chmod 2750 /srv/deep/new"),
                Drift(&[], "rmdir /srv/deep/new"),
                Drift(&[], "rm -r /srv/deep"),
            ],
            unseen: &[
                ("path", "it is the key"),
                ("parents", "it is how groma makes it"),
                ("force_destroy", "it is how groma removes it"),
            ],
        },
        Case {
            address: "host_directory.found",
            arguments: r#"
                path = "/srv/found.d"
                mode = "0755""#,
            drifts: &[Drift(&["mode"], "chmod 0700 /srv/found.d")],
            unseen: &[],
        },
        Case {
            address: "host_symlink.new",
            arguments: r#"
                path   = "/srv/link"
                target = "plain""#,
            drifts: &[
                Drift(&["target"], "ln -sfn other /srv/link"),
                Drift(&[], "rm /srv/link"),
                Drift(&[], "rm /srv/link; echo file >/srv/link"),
            ],
            unseen: &[("path", "it is the key")],
        },
        Case {
            address: "host_symlink.found",
            arguments: r#"
                path   = "/srv/found.d/link"
                target = "../plain""#,
            drifts: &[Drift(&["target"], "ln -sfn other /srv/found.d/link")],
            unseen: &[],
        },
        Case {
            address: "host_download.carried",
            arguments: r#"
                path   = "/srv/carried"
                url    = "file://{folder}/wanted"
                sha256 = "2df0169e13f03efd7a307d6445d5f3682bf192d2ef4bae5c6d3b18072b7f3d5b"
                mode   = "0600"
                owner  = "admin"
                group  = "adm""#,
            drifts: &[
                Drift(&["revision", "sha256", "size"], "echo other >/srv/carried"),
                Drift(&["mode"], "chmod 0644 /srv/carried"),
                Drift(&["owner"], "chown root /srv/carried"),
                Drift(&["group"], "chgrp root /srv/carried"),
                Drift(&[], "rm /srv/carried"),
            ],
            unseen: &[
                ("path", "it is the key"),
                ("url", "what is fetched from there is known by its digest"),
                ("via", "it is how groma fetches it"),
                ("timeout", "it is how groma fetches it"),
                ("ca_certificates", "it is how groma fetches it"),
            ],
        },
        Case {
            address: "host_download.fetched",
            arguments: r#"
                path   = "/srv/fetched"
                url    = "file:///srv/wanted"
                via    = "host"
                sha512 = "5b2386e2bb0e445e513dbce324f81f298e1c05b23ba4c8cbf2df55e50419a4c6b7dbe7e0e3d963fb1ade3c8a4997b332154ba9bbbb3b0d98a9a04cf0fa9de0ad""#,
            drifts: &[Drift(&["revision", "sha512", "size"], "echo another >/srv/fetched")],
            unseen: &[],
        },
        Case {
            address: "host_command.made",
            arguments: r#"
                create      = "echo $WHAT >made"
                update      = "echo $WHAT >made"
                read        = "cat made"
                delete      = "rm -f made"
                working_dir = "/srv"
                environment = { WHAT = "made" }"#,
            drifts: &[
                Drift(&["exit_code", "made_sha256", "stderr", "stdout"], "echo other >/srv/made"),
                Drift(&[], "rm /srv/made"),
            ],
            unseen: &[
                ("name", "it is what messages call it"),
                ("create", "it is what is run"),
                ("update", "it is what is run"),
                ("read", "it is what is run; what it says shows"),
                ("delete", "it is what is run"),
                ("working_dir", "it is how commands are run"),
                ("run_as", "it is how commands are run"),
                ("environment", "it is how commands are run"),
                ("sensitive_environment", "it is how commands are run"),
                ("exit_codes", "it is how commands are run"),
                ("timeout", "it is how commands are run"),
                ("triggers", "it is the configuration's own"),
            ],
        },
        Case {
            address: "host_archive.unpacked",
            arguments: r#"
                path             = "/srv/unpacked"
                url              = "file:///srv/one.tar"
                via              = "host"
                sha256           = "c1080c9a320869213c74f53874d86f6c7fadf22466921442163c72678af111be"
                strip_components = 1
                owner            = "admin"
                group            = "adm""#,
            drifts: &[
                Drift(&["changed", "revision"], "echo more >>/srv/unpacked/two"),
                Drift(&["changed", "revision"], "chmod 0600 /srv/unpacked/two"),
                Drift(&["changed", "revision"], "chown root /srv/unpacked/sub/one"),
                Drift(&["changed", "revision"], "chgrp root /srv/unpacked/sub/one"),
                Drift(&["changed", "revision"], "rm -r /srv/unpacked/sub"),
            ],
            unseen: &[
                ("path", "it is the key"),
                ("url", "what is unpacked is known by its files' digests"),
                ("source", "what is unpacked is known by its files' digests"),
                ("via", "it is how groma fetches it"),
                ("timeout", "it is how groma fetches it"),
                ("ca_certificates", "it is how groma fetches it"),
                ("sha256", "it is the archive's, of which each file's shows in `changed`"),
                ("sha512", "it is the archive's, of which each file's shows in `changed`"),
                ("format", "it is how the archive is read"),
                ("members", "it is how the archive is read"),
                ("strip_components", "it is how the archive is read"),
                ("mode", "`changed` says by name which file has another one"),
                ("owner", "`changed` says by name which file has another one"),
                ("group", "`changed` says by name which file has another one"),
            ],
        },
        Case {
            address: "host_mount.data",
            arguments: r#"
                path    = "/srv/data"
                device  = "tmpfs"
                type    = "tmpfs"
                options = ["noexec", "size=2m", "mode=0750"]"#,
            drifts: &[
                Drift(&["state"], "umount /srv/data"),
                Drift(&["state"], "sed -i '/srv.data/d' /etc/fstab"),
                Drift(&["options"], "mount -o remount,exec /srv/data"),
                Drift(&["options"], "sed -i 's/noexec,size=2m/nodev/' /etc/fstab"),
                Drift(&["device"], "sed -i 's/^tmpfs .srv/none \\/srv/' /etc/fstab"),
                Drift(&["pass"], "sed -i 's/mode=0750 0 0/mode=0750 0 2/' /etc/fstab"),
                Drift(&["dump"], "sed -i 's/mode=0750 0 0/mode=0750 1 0/' /etc/fstab"),
                Drift(&["type"], "sed -i 's/ tmpfs noexec/ ramfs noexec/' /etc/fstab"),
            ],
            unseen: &[("path", "it is the key")],
        },
    ],
    kept: "rm /srv/bytes.groma-backup",
};
