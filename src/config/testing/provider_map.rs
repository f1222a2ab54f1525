//! Which provider configuration serves a resource, through inheritance and `providers`.

use std::fs;

use diag::Sources;

use crate::{LoadOptions, load};

/// The configuration of every resource, `ADDRESS = CONFIGURATION`.
fn map(files: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    let (config, diagnostics) = load(dir.path(), &Sources::new(), &LoadOptions::default());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let short = |text: String| text.replace("registry.terraform.io/hashicorp/", "");
    config.providers.resources.iter().map(|(r, p)| short(format!("{r} = {p}"))).collect()
}

const WITH_ALIAS: &str = "terraform {\n  required_providers {\n    a = {\n      source = \"hashicorp/a\"\n      \
     configuration_aliases = [a.x]\n    }\n  }\n}\n";

#[test]
fn a_resource_without_provider_block_uses_the_roots_implied_one() {
    let found = map(&[
        ("main.tf", "resource \"a_b\" \"r\" {}\nmodule \"m\" { source = \"./m\" }\n"),
        ("m/main.tf", "resource \"a_b\" \"r\" {}\ndata \"c\" \"d\" {}\n"),
    ]);
    assert_eq!(
        found,
        [
            "a_b.r = provider[\"a\"]",
            "module.m.data.c.d = provider[\"c\"]",
            "module.m.a_b.r = provider[\"a\"]"
        ]
    );
}

#[test]
fn passed_configurations_reach_children_of_children() {
    let found = map(&[
        (
            "main.tf",
            "provider \"a\" {\n  alias = \"w\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = {\n    a = a.w\n    \
             a.x = a\n  }\n}\n",
        ),
        (
            "m/main.tf",
            &format!(
                "{WITH_ALIAS}resource \"a_b\" \"own\" {{}}\nresource \"a_b\" \"x\" {{ provider = a.x }}\n\
                 module \"n\" {{ source = \"./n\" }}\n"
            ),
        ),
        ("m/n/main.tf", "resource \"a_b\" \"inner\" {}\n"),
    ]);
    assert_eq!(
        found,
        [
            "module.m.a_b.own = provider[\"a\"].w",
            "module.m.a_b.x = provider[\"a\"]",
            "module.m.module.n.a_b.inner = provider[\"a\"].w"
        ]
    );
}

#[test]
fn local_names_differ_between_modules() {
    let found = map(&[
        (
            "main.tf",
            "terraform {\n  required_providers {\n    first = { source = \"acme/a\" }\n  }\n}\nprovider \"first\" {\n  k = 1\n}\n\
             resource \"a_b\" \"r\" { provider = first }\nmodule \"m\" { source = \"./m\" }\n",
        ),
        (
            "m/main.tf",
            "terraform {\n  required_providers {\n    a = { source = \"acme/a\" }\n  }\n}\nresource \"a_b\" \"r\" {}\n",
        ),
    ]);
    assert_eq!(
        found,
        [
            "a_b.r = provider[\"registry.terraform.io/acme/a\"]",
            "module.m.a_b.r = provider[\"registry.terraform.io/acme/a\"]"
        ]
    );
}

#[test]
fn a_childs_own_block_serves_it_and_its_children() {
    let found = map(&[
        ("main.tf", "provider \"a\" {\n  k = 1\n}\nmodule \"m\" { source = \"./m\" }\n"),
        (
            "m/main.tf",
            "provider \"a\" {\n  k = 2\n}\nresource \"a_b\" \"r\" {}\nmodule \"n\" { source = \"./n\" }\n",
        ),
        ("m/n/main.tf", "resource \"a_b\" \"r\" {}\n"),
    ]);
    assert_eq!(
        found,
        ["module.m.a_b.r = module.m.provider[\"a\"]", "module.m.module.n.a_b.r = module.m.provider[\"a\"]"]
    );
}

#[test]
fn inheritance_passes_through_a_module_that_knows_nothing_of_the_provider() {
    let found = map(&[
        (
            "main.tf",
            "terraform {\n  required_providers {\n    k = { source = \"acme/a\" }\n  }\n}\nprovider \"k\" {\n  x = 1\n}\n\
             module \"m\" { source = \"./m\" }\n",
        ),
        ("m/main.tf", "module \"n\" { source = \"./n\" }\n"),
        (
            "m/n/main.tf",
            "terraform {\n  required_providers {\n    q = { source = \"acme/a\" }\n  }\n}\nresource \"q_b\" \"r\" {}\n",
        ),
    ]);
    assert_eq!(found, ["module.m.module.n.q_b.r = provider[\"registry.terraform.io/acme/a\"]"]);
}
