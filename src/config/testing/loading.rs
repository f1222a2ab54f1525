//! Loading beyond what one file says: folders, encodings, installed modules, saved texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use addrs::{ConfigResource, ModulePath};
use diag::{Diagnostics, Sources};
use lang::{CallContext, MapScope};
use value::Value;

use crate::validate::check_references;
use crate::{Config, Files, IgnoreChanges, LoadOptions, Manifest, RemovedTarget, load};

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    dir
}

fn load_all(dir: &Path) -> (Config, Diagnostics) {
    load(dir, &Sources::new(), &LoadOptions::default())
}

fn summaries(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|d| d.summary.as_str()).collect()
}

#[test]
fn a_missing_folder_is_an_error_and_an_empty_one_is_not() {
    let dir = folder(&[]);
    let (_, diagnostics) = load_all(&dir.path().join("nowhere"));
    assert_eq!(summaries(&diagnostics), ["Failed to read module directory"]);
    assert!(!crate::has_configuration(dir.path()));
    let (config, diagnostics) = load_all(dir.path());
    assert!(diagnostics.is_empty() && config.root.resources.is_empty());
}

#[test]
fn a_file_that_is_not_utf8_does_not_hide_the_others() {
    let dir =
        folder(&[("a.tf", b"locals {\n  a = \"\xff\"\n}\n"), ("b.tf", b"variable \"x\" { type = foo }\n")]);
    let sources = Sources::new();
    let (_, diagnostics) = load(dir.path(), &sources, &LoadOptions::default());
    assert_eq!(summaries(&diagnostics), ["Invalid character encoding", "Invalid type specification"]);
    let place = diagnostics.iter().next().and_then(|d| d.subject).and_then(|span| sources.locate(span));
    assert_eq!(place.map(|(file, start, _)| (file.name.to_string(), start.line)), Some(("a.tf".into(), 2)));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let dir = folder(&[("a.tf", b"\xef\xbb\xbflocals {\n  a = 1\n}\n")]);
    let (config, diagnostics) = load_all(dir.path());
    assert!(diagnostics.is_empty() && config.root.locals.contains_key("a"), "{diagnostics:?}");
}

#[test]
fn folders_called_more_than_once_are_reported_once() {
    let dir = folder(&[
        ("main.tf", b"module \"a\" { source = \"./m\" }\nmodule \"b\" { source = \"./m/../m\" }\n"),
        ("m/main.tf", b"variable \"x\" { type = foo }\n"),
    ]);
    let (config, diagnostics) = load_all(dir.path());
    assert_eq!(summaries(&diagnostics), ["Invalid type specification"]);
    let paths: Vec<String> = config.modules().map(|m| m.path.to_string()).collect();
    assert_eq!(paths, ["", "module.a", "module.b"]);
    assert!(config.modules().skip(1).all(|m| m.dir == Path::new("m")));
}

#[test]
fn calls_that_multiply_are_bounded() {
    let mut files: Vec<(String, String)> = Vec::new();
    for level in 0..20 {
        let calls =
            ["a", "b"].map(|name| format!("module \"{name}\" {{ source = \"../m{}\" }}\n", level + 1));
        files.push((format!("m{level}/main.tf"), calls.concat()));
    }
    files.push(("m20/main.tf".into(), "locals {}\n".into()));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(p, t)| (p.as_str(), t.as_bytes())).collect();
    let dir = folder(&files);
    let (_, diagnostics) = load_all(&dir.path().join("m0"));
    assert!(summaries(&diagnostics).contains(&"Module calls without end"));
}

#[test]
fn blocks_of_children_are_placed_under_their_module() {
    let dir = folder(&[
        ("main.tf", b"module \"m\" { source = \"./m\" }\n"),
        (
            "m/main.tf",
            b"moved {\n  from = t.a\n  to = t.b\n}\nremoved {\n  from = t.c\n  lifecycle { destroy = false }\n}\n\
              resource \"t_x\" \"b\" {\n  lifecycle {\n    max_parallel = 2\n    ignore_changes = all\n  }\n}\n",
        ),
    ]);
    let (config, diagnostics) = load_all(dir.path());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let path = ModulePath::root().child("m");
    let module = config.module(&path).expect("loaded");
    assert_eq!(module.moved[0].module, path);
    let RemovedTarget::Resource(from) = &module.removed[0].from else { panic!("a resource") };
    assert_eq!((from.to_string().as_str(), module.removed[0].destroy), ("module.m.t.c", false));
    let address: ConfigResource = "module.m.t_x.b".parse().expect("an address");
    let lifecycle = &config.resource(&address).expect("declared").lifecycle;
    assert_eq!(lifecycle.max_parallel.map(|(n, _)| n), Some(2));
    assert!(matches!(lifecycle.ignore_changes, IgnoreChanges::All));
}

#[test]
fn modules_that_terraform_installed_are_used() {
    let call = |version: &str| {
        format!("module \"m\" {{\n  source = \"hashicorp/consul/aws\"\n  version = \"{version}\"\n}}\n")
    };
    let manifest = br#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"registry.terraform.io/hashicorp/consul/aws","Version":"1.2.0","Dir":".terraform/modules/m"},{"Key":"m.n","Source":"./n","Dir":".terraform/modules/m/n"}]}"#;
    let dir = folder(&[
        ("main.tf", call("~> 1.0").as_bytes()),
        (".terraform/modules/modules.json", manifest),
        (".terraform/modules/m/main.tf", b"module \"n\" { source = \"./n\" }\n"),
        (".terraform/modules/m/n/main.tf", b"output \"o\" { value = 1 }\n"),
    ]);
    let (config, diagnostics) = load_all(dir.path());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let inner = config.module(&ModulePath::root().child("m").child("n")).expect("loaded");
    assert_eq!(inner.dir, Path::new(".terraform/modules/m/n"));

    let data_dir = dir.path().join(".terraform");
    let updated = Manifest::read(&data_dir).expect("readable").updated(&config);
    updated.write(&data_dir).expect("writable");
    let written = fs::read(data_dir.join("modules/modules.json")).expect("written");
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(manifest));

    fs::write(dir.path().join("main.tf"), call("~> 2.0")).expect("writable");
    assert_eq!(summaries(&load_all(dir.path()).1), ["Module version requirements have changed"]);
    let other = call("~> 1.0").replace("consul", "nomad");
    fs::write(dir.path().join("main.tf"), other).expect("writable");
    assert_eq!(summaries(&load_all(dir.path()).1), ["Module source has changed"]);
    fs::write(dir.path().join("main.tf"), call("1.2.0")).expect("writable");
    fs::remove_dir_all(dir.path().join(".terraform/modules/m")).expect("removable");
    assert_eq!(summaries(&load_all(dir.path()).1), ["Module not installed"]);
}

/// What `terraform get` writes for the same folders.
#[test]
fn the_manifest_is_as_terraform_writes_it() {
    let dir = folder(&[
        ("main.tf", b"module \"m\" { source = \"./m\" }\nmodule \"k\" { source = \"./m//n\" }\n"),
        ("m/main.tf", b"module \"n\" { source = \"./n\" }\n"),
        ("m/n/main.tf", b"locals {}\n"),
    ]);
    let (config, _) = load_all(dir.path());
    let data_dir = dir.path().join(".terraform");
    Manifest::default().updated(&config).write(&data_dir).expect("writable");
    assert_eq!(
        fs::read_to_string(data_dir.join("modules/modules.json")).expect("written"),
        r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"k","Source":"./m/n","Dir":"m/n"},{"Key":"m","Source":"./m","Dir":"m"},{"Key":"m.n","Source":"./n","Dir":"m/n"}]}"#
    );
}

#[test]
fn a_damaged_manifest_is_an_error() {
    let dir = folder(&[("main.tf", b"locals {}\n"), (".terraform/modules/modules.json", b"{\"Modules\":")]);
    assert_eq!(summaries(&load_all(dir.path()).1), ["Failed to read module manifest file"]);
}

#[test]
fn a_saved_configuration_loads_without_its_files() {
    let texts = [
        ("main.tf", "module \"m\" { source = \"./m\" }\noutput \"o\" { value = module.m.o }\n"),
        ("main_override.tf", "output \"o\" { description = \"over\" }\n"),
        ("m/main.tf", "output \"o\" { value = 1 }\n"),
        ("terraform.tfvars", "x = 1\n"),
    ];
    let texts: BTreeMap<String, String> =
        texts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let options = LoadOptions { files: Files::Snapshot(Arc::new(texts)), ..LoadOptions::default() };
    let (config, diagnostics) = load(Path::new("/nowhere"), &Sources::new(), &options);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(check_references(&config).is_empty());
    assert_eq!(config.root.outputs.get("o").and_then(|o| o.description.as_deref()), Some("over"));
    assert_eq!(config.root.children.len(), 1);
}

#[test]
fn bodies_of_both_syntaxes_override_each_other() {
    let dir = folder(&[
        ("main.tf", b"resource \"t_x\" \"a\" {\n  b = 1\n  c = 2\n  n {}\n  n {}\n}\n"),
        ("override.tf.json", br#"{"resource":{"t_x":{"a":{"c":3,"n":{}, "count": 2}}}}"#),
    ]);
    let (config, diagnostics) = load_all(dir.path());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let resource = config.root.resources.values().next().expect("declared");
    assert!(resource.count.is_some());
    let schema = syntax::BodySchema::new(&["b", "c"], &[("n", &[])]);
    let (content, diagnostics) = resource.body.content(&schema);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let numbers: Vec<_> =
        content.attributes.iter().map(|a| (a.name.name.as_str(), a.expr.span.file.0)).collect();
    assert_eq!((numbers, content.blocks.len()), (vec![("b", 0), ("c", 1)], 1));
}

#[test]
fn keys_of_import_targets_are_evaluated() {
    let dir = folder(&[(
        "main.tf",
        b"import {\n  to = module.m[each.value].t.a[n + 1]\n  id = \"x\"\n}\n\
          import {\n  to = t.a[\"k\"]\n  id = \"x\"\n}\nimport {\n  to = t.b[big]\n  id = \"x\"\n}\n",
    )]);
    let (config, _) = load_all(dir.path());
    let each = Value::object_of([("value", Value::string("k"))]);
    let variables = [("each", each), ("n", Value::number(1)), ("big", Value::tuple(Vec::new()))];
    let scope = MapScope::new(CallContext::new("."), variables);
    let instances: Vec<Result<String, String>> = config
        .root
        .imports
        .iter()
        .map(|import| {
            let (instance, diagnostics) = import.instance(&scope);
            let problem = diagnostics.iter().map(|d| d.detail.clone()).collect();
            instance.map(|instance| instance.to_string()).ok_or(problem)
        })
        .collect();
    assert_eq!(instances[0].as_deref(), Ok("module.m[\"k\"].t.a[2]"));
    assert_eq!(instances[1].as_deref(), Ok("t.a[\"k\"]"));
    assert!(instances[2].as_ref().is_err_and(|e| e.contains("a string or a whole number is required")));
}
