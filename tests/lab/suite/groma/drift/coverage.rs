//! No attribute is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::GROUPS;
use crate::groma::work::Work;
use crate::support::said;

/// Types that are tested elsewhere, and where.
const ELSEWHERE: [(&str, &str); 3] = [
    ("host_machine", "what is on a machine is read, not made: messages.rs"),
    ("host_network", "it needs systemd-networkd: providers/host/tests/lab_network.rs"),
    ("host_reboot", "providers/host/tests/lab_reboot.rs"),
];

/// Each argument of each type is changed by hand in a row of a table, or the table says why no host can show it.
#[test]
fn each_argument_of_each_type_is_changed_by_hand() {
    let work = Work::alone("coverage", "provider \"host\" {\n}\n");
    let output = work.run(&["providers", "schema", "-json"]);
    let schemas: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    let providers = schemas["provider_schemas"].as_object().expect("there are some");
    let host = providers.iter().find(|(name, _)| name.ends_with("/host")).expect("it is configured").1;
    let mut missing = Vec::new();
    for (kind, schema) in host["resource_schemas"].as_object().expect("there are some") {
        if ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == kind) {
            continue;
        }
        let seen = covered(kind);
        let block = &schema["block"];
        let attributes = block["attributes"].as_object().into_iter().flatten();
        let arguments = attributes
            .filter(|(_, attribute)| attribute["required"] == true || attribute["optional"] == true);
        let blocks = block["block_types"].as_object().into_iter().flatten();
        let names = arguments.map(|(name, _)| name).chain(blocks.map(|(name, _)| name));
        missing.extend(
            names
                .filter(|name| *name != "host" && !seen.contains(name.as_str()))
                .map(|name| format!("{kind}.{name}")),
        );
    }
    assert!(missing.is_empty(), "no row changes {}", missing.join(", "));
}

/// The arguments of a type that rows change or say why they do not.
fn covered(kind: &str) -> BTreeSet<&'static str> {
    let cases = GROUPS.iter().flat_map(|group| group.cases);
    let cases = cases.filter(|case| case.address.split('.').next() == Some(kind));
    let names = cases.flat_map(|case| {
        let changed = case.drifts.iter().flat_map(|drift| drift.0);
        changed.chain(case.unseen.iter().map(|(name, _)| name))
    });
    names.copied().collect()
}

/// Addresses are the names of the rows: each is there once.
#[test]
fn each_case_has_a_name_of_its_own() {
    let mut seen = BTreeMap::new();
    for case in GROUPS.iter().flat_map(|group| group.cases) {
        *seen.entry(case.address).or_insert(0) += 1;
    }
    seen.retain(|_, count| *count > 1);
    assert!(seen.is_empty(), "{seen:?}");
}
