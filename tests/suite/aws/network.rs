use serde_json::Value;

use super::proxy::Proxy;
use super::{emulator, provider};
use crate::harness::{Sandbox, changed_fields, root};

#[test]
fn the_network_example_converges_names_drift_and_goes() {
    let Some(mut moto) = emulator("the AWS network") else { return };
    let before = moto.counts();
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("examples/aws-network"), ".");
    let url = format!("emulator={}", moto.url());
    let run = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["-var", &url]);
        sandbox.groma(&all)
    };
    let apply = run(&["apply", "-auto-approve"]).success(&["apply"]);
    assert!(apply.contains("Apply complete!"), "{apply}");
    let args = ["plan", "-detailed-exitcode"];
    run(&args).with_code(0, &args);

    let state = sandbox.groma(&["show", "-json"]).json();
    moto.tag(&id(&state, "aws_vpc.main"), "Name", "somebody-elses");
    let changes = self::changes(&sandbox, &run);
    assert_eq!(changes, ["aws_vpc.main: tags.Name", "aws_vpc.main: tags_all.Name"]);
    run(&["apply", "-auto-approve"]).success(&["apply"]);
    run(&args).with_code(0, &args);

    let rule = "aws_vpc_security_group_ingress_rule.control_plane[\"ssh\"]";
    moto.widen(&id(&state, rule), "0.0.0.0/0");
    let changes = self::changes(&sandbox, &run);
    assert_eq!(changes, [format!("{rule}: cidr_ipv4")]);
    run(&["apply", "-auto-approve"]).success(&["apply"]);
    run(&args).with_code(0, &args);

    run(&["destroy", "-auto-approve"]).success(&["destroy"]);
    assert_eq!(sandbox.groma_ok(&["state", "list"]), "");
    assert_eq!(moto.counts(), before, "something was left behind");
}

#[test]
fn refreshing_takes_as_many_calls_for_many_subnets_as_for_few() {
    let Some(moto) = emulator("the count of API calls") else { return };
    let proxy = Proxy::start(moto.port);
    let calls = |subnets: u32| {
        let sandbox = Sandbox::with_config(&format!(
            "{}\nresource \"aws_vpc\" \"v\" {{\n  cidr_block = \"10.0.0.0/16\"\n}}\nresource \"aws_subnet\" \"s\" {{\n  count      = {subnets}\n  vpc_id     = aws_vpc.v.id\n  cidr_block = cidrsubnet(aws_vpc.v.cidr_block, 8, count.index)\n}}\n",
            provider(&proxy.url()),
        ));
        sandbox.groma_ok(&["apply", "-auto-approve"]);
        proxy.take();
        let args = ["plan", "-detailed-exitcode"];
        sandbox.groma(&args).with_code(0, &args);
        let calls = proxy.take();
        sandbox.groma_ok(&["destroy", "-auto-approve"]);
        calls
    };
    let (few, many) = (calls(2), calls(60));
    assert!(!few.is_empty(), "no call went through the proxy");
    assert_eq!(few, many, "the calls of a refresh grow with the number of subnets");
}

/// The fields that a plan changes.
fn changes(sandbox: &Sandbox, run: &impl Fn(&[&str]) -> crate::harness::Outcome) -> Vec<String> {
    let args = ["plan", "-out=p", "-detailed-exitcode"];
    run(&args).with_code(2, &args);
    changed_fields(&sandbox.groma(&["show", "-json", "p"]).json())
}

/// The id of an object in the root module.
fn id(state: &Value, address: &str) -> String {
    let resources = state["values"]["root_module"]["resources"].as_array().expect("there are resources");
    let resource = resources.iter().find(|resource| resource["address"] == address);
    let id = resource.and_then(|resource| resource["values"]["id"].as_str());
    id.unwrap_or_else(|| panic!("{address} is not in the state")).to_owned()
}
