//! What is changed by hand shows as exactly that field, apply puts it back, and destroy leaves the host as it was found:
//! for each attribute of each type of resources.

mod accounts;
mod coverage;
mod files;
mod network;
mod system;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lab::{Lab, differences};
use serde_json::Value;

use super::work::{Work, machines, provider};
use crate::support::{one, said, until};

/// A resource, and what is done to it by hand.
struct Case {
    /// Its address in the configuration: `host_file.plain`.
    address: &'static str,
    /// Its arguments, but for the host. `{folder}` is the configuration's folder, `{net}` the beginning of the addresses
    /// of the host's network.
    arguments: &'static str,
    drifts: &'static [Drift],
    /// Arguments that no change on a host can show in, and why.
    unseen: &'static [(&'static str, &'static str)],
}

/// What a change by hand shows as: the attributes in which the plan differs from what is there, none where the object is
/// gone; and the commands that make it.
struct Drift(&'static [&'static str], &'static str);

/// All cases of a host: what is there before anything is applied, and the resources.
struct Group {
    name: &'static str,
    /// What is run on the host first.
    found: &'static str,
    /// What else is in the configuration.
    more: &'static str,
    /// Files that are put into the configuration's folder.
    sources: &'static [(&'static str, &'static str)],
    cases: &'static [Case],
    /// What takes away what stays on purpose, and fails where it does not stay.
    kept: &'static str,
}

const GROUPS: [&Group; 4] = [&files::GROUP, &accounts::GROUP, &system::GROUP, &network::GROUP];

#[test]
fn files_show_what_is_changed_by_hand() {
    run(&files::GROUP);
}

#[test]
fn accounts_show_what_is_changed_by_hand() {
    run(&accounts::GROUP);
}

#[test]
fn the_system_shows_what_is_changed_by_hand() {
    run(&system::GROUP);
}

#[test]
fn the_network_shows_what_is_changed_by_hand() {
    run(&network::GROUP);
}

fn run(group: &Group) {
    let lab = one(&format!("by-{}", group.name));
    let by_hand = |line: &str| {
        let line = format!("set -e\n{line}");
        lab.inside("d1", &["sh", "-c", &line]).unwrap_or_else(|error| panic!("{line}: {error:#}"))
    };
    by_hand(group.found);
    let before = lab.wide_snapshot("d1").expect("can be taken");
    let work = Work::new(&lab, &provider(&lab, ""));
    for (name, text) in group.sources {
        work.write(name, text);
    }
    work.set(&config(&lab, &work, group));
    work.must(&["apply", "-auto-approve"]);
    no_changes(&work, "after the first apply");

    let rounds = group.cases.iter().map(|case| case.drifts.len()).max().unwrap_or(0);
    let mut wrong = Vec::new();
    for round in 0..rounds {
        let drifts = group.cases.iter().filter_map(|case| Some((case.address, case.drifts.get(round)?)));
        let drifts: BTreeMap<&str, &Drift> = drifts.collect();
        for Drift(_, line) in drifts.values() {
            by_hand(line);
        }
        work.must(&["plan", "-out=saved"]);
        let changes = changes(&work);
        for (address, Drift(fields, line)) in &drifts {
            let expected: BTreeSet<String> = fields.iter().map(|&field| field.to_owned()).collect();
            match changes.get(*address) {
                Some(seen) if *seen == expected => {}
                seen => wrong.push(format!("{address}: {line}\n  shows {seen:?}, not {expected:?}")),
            }
        }
        let others = changes.keys().filter(|address| !drifts.contains_key(address.as_str()));
        wrong.extend(others.map(|address| format!("round {round}: {address} shows, and nobody touched it")));
        work.must(&["apply", "saved"]);
        let plan = work.run(&["plan", "-detailed-exitcode"]);
        if plan.status.code() != Some(0) {
            wrong.push(format!("round {round} was not put back: {}", said(&plan)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    work.must(&["destroy", "-auto-approve"]);
    // What guards a change of the network goes a moment after it is confirmed.
    until("systemd is done", || {
        by_hand("systemctl list-jobs").contains("No jobs")
            && !by_hand("systemctl list-units --plain --no-legend 'groma-guard-*'").contains("groma-guard")
    });
    by_hand(group.kept);
    let after = lab.wide_snapshot("d1").expect("can be taken");
    if let Some(differences) = differences(&before, &after) {
        panic!("the host is not as it was found:\n{differences}");
    }
}

fn no_changes(work: &Work, when: &str) {
    let plan = work.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(0), "{when}: {}", said(&plan));
}

/// The resources that a saved plan changes, with the attributes that differ; none for one that is to be made.
fn changes(work: &Work) -> BTreeMap<String, BTreeSet<String>> {
    let shown = work.run(&["show", "-json", "saved"]);
    let plan: Value = serde_json::from_slice(&shown.stdout).unwrap_or_else(|_| panic!("{}", said(&shown)));
    let mut changes = BTreeMap::new();
    for resource in plan["resource_changes"].as_array().into_iter().flatten() {
        let change = &resource["change"];
        let actions: Vec<&str> =
            change["actions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = match actions[..] {
            ["no-op"] => continue,
            ["create"] => BTreeSet::new(),
            ["update"] => differing(change),
            _ => [format!("{actions:?}")].into(),
        };
        let address = resource["address"].as_str().unwrap_or_default().to_owned();
        changes.insert(address, fields);
    }
    changes
}

fn differing(change: &Value) -> BTreeSet<String> {
    let names = |which: &str| {
        change[which]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect::<BTreeSet<String>>()
    };
    let all = names("before").into_iter().chain(names("after")).chain(names("after_unknown"));
    all.filter(|name| change["before"].get(name) != change["after"].get(name)).collect()
}

fn config(lab: &Lab, work: &Work, group: &Group) -> String {
    let mut text = format!("{}{}{}", provider(lab, ""), machines(lab, &["d1"]), group.more);
    let octets = lab.host("d1").expect("is planned").address.octets();
    let net = format!("{}.{}.{}", octets[0], octets[1], octets[2]);
    let folder = work.path("").display().to_string();
    for case in group.cases {
        let (kind, name) = case.address.split_once('.').expect("it is a type and a name");
        let arguments =
            case.arguments.replace("{folder}", folder.trim_end_matches('/')).replace("{net}", &net);
        let _ = writeln!(
            text,
            "resource \"{kind}\" \"{name}\" {{\n  host = host_machine.d1.connection\n{arguments}\n}}\n"
        );
    }
    text
}
