use super::moto::free_port;
use super::{emulator, provider};
use crate::harness::Sandbox;

const VPC: &str = "resource \"aws_vpc\" \"v\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";

#[test]
fn an_endpoint_that_does_not_answer_is_named() {
    if emulator("the unreachable endpoint").is_none() {
        return;
    }
    let url = format!("http://127.0.0.1:{}", free_port());
    let sandbox = Sandbox::with_config(&format!("{}{VPC}", provider(&url)));
    let outcome = sandbox.groma(&["apply", "-auto-approve"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("with aws_vpc.v,"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("main.tf line"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(&url) || outcome.stderr.contains("onnect"), "{}", outcome.stderr);
}

#[test]
fn missing_credentials_are_explained_without_showing_any() {
    let Some(moto) = emulator("the missing credentials") else { return };
    let config = provider(&moto.url());
    let keyless: String =
        config.lines().filter(|line| !line.contains("_key  ")).map(|line| format!("{line}\n")).collect();
    let sandbox = Sandbox::with_config(&format!("{keyless}{VPC}"));
    let outcome = sandbox.groma(&["apply", "-auto-approve"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.to_lowercase().contains("credential"), "{}", outcome.stderr);
}

#[test]
fn a_refusal_of_the_api_names_resource_place_and_reason() {
    let Some(moto) = emulator("the refused request") else { return };
    let config = "resource \"aws_subnet\" \"s\" {\n  vpc_id     = \"vpc-0123456789abcdef0\"\n  cidr_block = \"10.0.0.0/24\"\n}\n";
    let sandbox = Sandbox::with_config(&format!("{}{config}", provider(&moto.url())));
    let outcome = sandbox.groma(&["apply", "-auto-approve"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    for part in ["with aws_subnet.s,", "main.tf line", "InvalidVpcID.NotFound", "vpc-0123456789abcdef0"] {
        assert!(outcome.stderr.contains(part), "{part} is not said: {}", outcome.stderr);
    }
}
