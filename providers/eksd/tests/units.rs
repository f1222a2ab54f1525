//! What is seen of changes by others, and what becomes of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path as FilePath;

use value::Value;

use super::support::{binary, differing, folder, list, object, root, text};

fn apiserver(folder: &FilePath, version: &str) -> Value {
    let key = object([("name", text("one")), ("secret", text(format!("{}=", "A".repeat(43))))]);
    object([
        ("host", root(&folder.join("h"))),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(version)),
        ("binary", binary(folder, "kube-apiserver", &format!("#!/bin/sh\n# {version}\n"))),
        ("etcd_servers", list(&["https://127.0.0.1:2379"])),
        ("encryption_keys", Value::tuple(vec![key])),
        ("advertise_address", text("10.0.0.1")),
    ])
}

#[tokio::test]
async fn what_is_changed_by_hand_shows_as_the_field_and_is_put_right() {
    let folder = folder();
    let host = folder.path().join("h");
    let bench = super::support::bench("eksd_kube_apiserver", folder.path()).await;
    let config = apiserver(folder.path(), "v1.33.9-eks-1-33-1");
    let state = bench.create(config.clone()).await;
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);
    let unit = host.join("etc/systemd/system/kube-apiserver.service");
    let edit = |from: &str, to: &str| {
        let before = fs::read_to_string(&unit).expect("is there");
        assert!(before.contains(from), "{before}");
        fs::write(&unit, before.replace(from, to)).expect("can be written");
    };
    let program = host.join("opt/eksd/kube-apiserver/v1.33.9-eks-1-33-1/kube-apiserver");
    let rewrite = |path: &str, content: &str| fs::write(host.join(path), content).expect("can be written");
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(host.join(path), PermissionsExt::from_mode(mode)).expect("is there");
    };
    let remove = |path: &str| fs::remove_file(host.join(path)).expect("is there");
    let link = "usr/local/bin/kube-apiserver";
    let rows: [(&[&str], &dyn Fn()); 20] = [
        (&["profiling"], &|| edit("--profiling=false", "--profiling=true")),
        (&["advertise_address"], &|| edit("--advertise-address=10.0.0.1", "--advertise-address 10.0.0.9")),
        (&["authorization_mode"], &|| edit("=Node,RBAC", "=AlwaysAllow")),
        (&["audit_log_maxage"], &|| edit("  --audit-log-maxage=30 \\\n", "")),
        (&["extra_args"], &|| edit("--profiling=false", "--profiling=false --token-auth-file=/tmp/x")),
        (&["unit_options"], &|| edit("NoNewPrivileges=yes", "NoNewPrivileges=no")),
        (&["unit_options"], &|| edit("Restart=always\n", "")),
        (&["unit_options"], &|| edit("current/kube-apiserver", "current/other")),
        (&["environment"], &|| edit("[Service]\n", "[Service]\nEnvironment=GODEBUG=x\n")),
        (&["cluster"], &|| edit("cluster=one", "cluster=two")),
        (&["binary_sha256", "binary_replaced"], &|| {
            fs::write(&program, "#!/bin/sh\nevil\n").expect("can be written");
        }),
        (&["version", "binary_sha256", "binary_source", "binary_replaced"], &|| {
            remove("opt/eksd/kube-apiserver/current");
            symlink("v0", host.join("opt/eksd/kube-apiserver/current")).expect("can be made");
        }),
        (&["audit_policy"], &|| rewrite("etc/eksd/audit-policy.yaml", "rules: []\n")),
        (&["authentication_configuration"], &|| {
            rewrite("etc/eksd/kube-apiserver-authentication.yaml", "anonymous: {enabled: true}\n");
        }),
        (&["encryption_keys", "encrypted_resources"], &|| {
            rewrite("etc/eksd/encryption.yaml", "resources: []\n");
        }),
        (&["audit_policy", "out_of_place"], &|| remove("etc/eksd/audit-policy.yaml")),
        (&["out_of_place"], &|| mode("etc/eksd/encryption.yaml", 0o644)),
        (&["out_of_place"], &|| mode("var/log/kubernetes/audit", 0o755)),
        (&["enabled"], &|| remove("etc/systemd/system/multi-user.target.wants/kube-apiserver.service")),
        (&["out_of_place"], &|| {
            remove(link);
            symlink("/tmp/other", host.join(link)).expect("can be made");
        }),
    ];
    for (row, (fields, by_hand)) in rows.into_iter().enumerate() {
        by_hand();
        let seen = bench.read(&state).await;
        let mut differ = differing(&state, &seen);
        let mut fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        differ.sort();
        fields.sort();
        assert_eq!(differ, fields, "row {row}");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "row {row}: {:?}", response.diagnostics);
        assert_eq!(differing(&state, &response.state), [""; 0], "row {row}: is put right");
        assert_eq!(differing(&state, &bench.read(&state).await), [""; 0], "row {row}");
    }
    bench.delete(&state).await;
    assert!(
        !host.join("opt").exists() && !host.join("etc/eksd").exists() && !host.join("var/lib/groma").exists()
    );
}

#[tokio::test]
async fn versions_lie_side_by_side_and_the_last_one_stays() {
    let folder = folder();
    let versions = folder.path().join("h/opt/eksd/kube-apiserver");
    let bench = super::support::bench("eksd_kube_apiserver", folder.path()).await;
    let mut state = Value::null(value::Type::Dynamic);
    for version in ["v1.33.1-eks-1-33-1", "v1.33.1-eks-1-33-2", "v1.34.1-eks-1-34-1"] {
        let response = bench.change(&state, &apiserver(folder.path(), version)).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        state = response.state;
        assert_eq!(fs::read_link(versions.join("current")).ok().as_deref(), Some(FilePath::new(version)));
        let program = fs::read_to_string(versions.join("current/kube-apiserver")).expect("is there");
        assert!(program.contains(version));
    }
    assert!(!versions.join("v1.33.1-eks-1-33-1").exists() && versions.join("v1.33.1-eks-1-33-2").exists());
}

#[tokio::test]
async fn what_was_there_comes_back_and_wrong_digests_are_refused() {
    let folder = folder();
    let host = folder.path().join("h");
    let unit = host.join("etc/systemd/system/kube-apiserver.service");
    fs::create_dir_all(unit.parent().expect("has one")).expect("can be made");
    fs::create_dir_all(host.join("usr/local/bin")).expect("can be made");
    fs::write(&unit, "[Service]\nExecStart=/bin/theirs\n").expect("can be written");
    fs::write(host.join("usr/local/bin/kube-apiserver"), "theirs").expect("can be written");
    let bench = super::support::bench("eksd_kube_apiserver", folder.path()).await;
    let config = apiserver(folder.path(), "v1.33.9-eks-1-33-1");
    let digest = |name: &str, hex: &str| {
        let file = config.attr("binary").and_then(|map| map.attr("amd64")).expect("is there");
        let file = file.with_attr(name, text(hex));
        config.with_attr("binary", object([("amd64", file.clone()), ("arm64", file)]))
    };
    for (bad, why) in
        [(digest("sha512", &"0".repeat(128)), "SHA-512"), (digest("sha256", &"0".repeat(64)), "SHA-256")]
    {
        let response = bench.change(&Value::null(value::Type::Dynamic), &bad).await;
        let said = super::support::texts(&response.diagnostics);
        assert!(response.diagnostics.has_errors() && said.contains(why), "{said}");
        assert!(fs::read_to_string(&unit).expect("is there").contains("/bin/theirs"), "nothing is switched");
    }
    let state = bench.create(config).await;
    bench.delete(&state).await;
    assert!(fs::read_to_string(&unit).expect("is there").contains("/bin/theirs"));
    assert_eq!(fs::read_to_string(host.join("usr/local/bin/kube-apiserver")).ok().as_deref(), Some("theirs"));
}

#[tokio::test]
async fn fields_of_configuration_files_show_as_attributes() {
    let folder = folder();
    let path = folder.path().join("h/etc/eksd/kubelet.yaml");
    let bench = super::support::bench("eksd_kubelet", folder.path()).await;
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text("v1.33.9-eks-1-33-1")),
        ("binary", binary(folder.path(), "kubelet", "#!/bin/sh\n")),
        ("extra_config", text(r#"{"maxOpenFiles":1000}"#)),
        ("max_pods", Value::number(50)),
    ]);
    let state = bench.create(config.clone()).await;
    let written = fs::read_to_string(&path).expect("is there");
    assert!(
        written.contains("\"cgroupDriver\": \"systemd\"") && written.contains("\"maxOpenFiles\": 1000"),
        "{written}"
    );
    let rows = [
        ("anonymous_auth", "\"enabled\": false", "\"enabled\": true"),
        ("max_pods", "\"maxPods\": 50", "\"maxPods\": 51"),
        ("read_only_port", "\"readOnlyPort\": 0", "\"readOnlyPort\": 10255"),
        ("extra_config", "\"maxOpenFiles\": 1000", "\"maxOpenFiles\": 1001"),
        ("extra_config", "\"maxOpenFiles\": 1000", "\"maxOpenFiles\": 1000, \"enableServer\": false"),
        ("extra_config", "{", "- {"),
    ];
    for (field, from, to) in rows {
        fs::write(&path, written.replacen(from, to, 1)).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field]);
        let response = bench.change(&seen, &config).await;
        assert_eq!(differing(&state, &response.state), [""; 0], "{field}: {:?}", response.diagnostics);
        assert_eq!(fs::read_to_string(&path).ok().as_ref(), Some(&written));
    }
}

/// A flag that `extra_args` gives though it has an attribute is written once, shows in both, and an import takes it for the attribute.
#[tokio::test]
async fn flags_with_attributes_may_be_given_as_extra_arguments() {
    let folder = folder();
    let host = folder.path().join("h");
    let bench = super::support::bench("eksd_kube_apiserver", folder.path()).await;
    let plain = apiserver(folder.path(), "v1.33.9-eks-1-33-1");
    let extra =
        object([("v", text("4")), ("feature-gates", text("B=true,A=false")), ("profiling", text("True"))]);
    let config = plain.with_attr("extra_args", extra);
    let state = bench.create(config.clone()).await;
    let path = host.join("etc/systemd/system/kube-apiserver.service");
    let unit = fs::read_to_string(&path).expect("is there");
    for flag in ["--v=4", "--feature-gates=A=false,B=true", "--profiling=true"] {
        assert_eq!(unit.matches(flag).count(), 1, "{flag}: {unit}");
    }
    assert!(!unit.contains("--profiling=false"), "{unit}");
    assert_eq!(state.attr("v").and_then(Value::as_i64), Some(4));
    assert_eq!(state.attr("profiling").and_then(Value::as_bool), Some(true));
    assert_eq!(differing(&state, &bench.read(&state).await), [""; 0]);

    fs::write(&path, unit.replace("--v=4", "--v=6")).expect("can be written");
    let seen = bench.read(&state).await;
    let mut differ = differing(&state, &seen);
    differ.sort();
    assert_eq!(differ, ["extra_args", "v"]);
    let response = bench.change(&seen, &config).await;
    assert_eq!(differing(&state, &response.state), [""; 0], "{:?}", response.diagnostics);
    assert_eq!(fs::read_to_string(&path).ok().as_ref(), Some(&unit));

    // What is not given any longer is as if it had never been.
    let response = bench.change(&state, &plain).await;
    assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    assert!(response.state.attr("v").is_some_and(Value::is_null));
    assert_eq!(response.state.attr("profiling").and_then(Value::as_bool), Some(false));
    let unit = fs::read_to_string(&path).expect("is there");
    assert!(!unit.contains("--v=") && unit.contains("--profiling=false"), "{unit}");
}
