//! What a plan cannot know yet, and processes that did not make the plan.

use super::work::{Work, provider};
use crate::support::{plan, said, ssh, up};

/// The bastion, a host behind it and one beside it, whose addresses and whose key come from other resources of the same
/// apply, as those of cloud machines do.
fn config(lab: &lab::Lab) -> String {
    let record = lab.record();
    let address = |name: &str| lab.host(name).expect("is planned").address;
    let key = format!("private_key_file   = \"{}\"", record.private_key.display());
    let provider = provider(lab, "").replace(&key, "private_key = terraform_data.key.output");
    format!(
        r#"{provider}
resource "terraform_data" "key" {{
  input = file("{key}")
}}
resource "terraform_data" "address" {{
  for_each = {{ bastion = "{bastion}", h1 = "{h1}", d1 = "{d1}" }}
  input    = each.value
}}
resource "host_machine" "bastion" {{
  address = terraform_data.address["bastion"].output
}}
resource "host_machine" "h1" {{
  address = terraform_data.address["h1"].output
  jump    = [host_machine.bastion.connection]
}}
resource "host_machine" "d1" {{
  address = terraform_data.address["d1"].output
}}
resource "host_file" "there" {{
  for_each = {{
    bastion = host_machine.bastion.connection
    h1      = host_machine.h1.connection
    d1      = host_machine.d1.connection
  }}
  host     = each.value
  path     = "/srv/there"
  content  = "on ${{host_machine.h1.hostname}} of ${{each.key}}\n"
}}
data "host_file" "back" {{
  host = host_machine.h1.connection
  path = host_file.there["h1"].path
}}
output "back" {{
  value = data.host_file.back.content
}}
"#,
        key = record.private_key.display(),
        bastion = address("bastion"),
        h1 = address("h1"),
        d1 = address("d1"),
    )
}

#[test]
fn hosts_that_are_known_only_during_the_apply_work_in_it() {
    let lab = up(&plan("late").bastion("bastion").behind("h1").direct("d1"));
    let work = Work::new(&lab, &config(&lab));
    let text = work.must(&["plan", "-out=saved"]);
    assert!(text.contains("Plan: 10 to add"), "{text}");
    // A process that knows nothing but the saved plan, and no configuration.
    std::fs::remove_file(work.path("main.tf")).expect("it is there");
    work.must(&["apply", "saved"]);
    for host in ["bastion", "h1", "d1"] {
        assert_eq!(ssh(&lab, host, "cat /srv/there"), format!("on h1 of {host}"));
    }
    work.set(&config(&lab));
    let plan = work.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
    assert_eq!(work.must(&["output", "-raw", "back"]).trim(), "on h1 of h1");
    let state = std::fs::read_to_string(work.path("terraform.tfstate")).expect("there is a state");
    let state: serde_json::Value = serde_json::from_str(&state).expect("it is JSON");
    let resources = state["resources"].as_array().expect("there are some");
    for resource in resources.iter().filter(|resource| resource["type"] != "terraform_data") {
        assert!(!resource.to_string().contains("PRIVATE KEY"), "{resource}");
    }

    // Changes on all hosts by a saved plan, from the state's own knowledge of where they are.
    work.set(&config(&lab).replace("on ${", "still on ${"));
    work.must(&["plan", "-out=saved"]);
    work.must(&["apply", "saved"]);
    for host in ["bastion", "h1", "d1"] {
        assert_eq!(ssh(&lab, host, "cat /srv/there"), format!("still on h1 of {host}"));
    }
    work.must(&["plan", "-destroy", "-out=saved"]);
    work.must(&["apply", "saved"]);
    for host in ["bastion", "h1", "d1"] {
        assert_eq!(ssh(&lab, host, "ls /srv"), "groma-lab");
    }
}
