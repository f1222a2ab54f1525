//! Every resource type through the conformance suite, and what is particular to some.

use super::*;

async fn conforms(bench: &Bench, cases: &[Case]) {
    let timer = Arc::new(VirtualTimer::default());
    let provider = AwsProvider::new(Arc::new(FakeConnector { fake: bench.fake.clone(), timer }));
    let config = object(&[
        ("region", text("us-east-1")),
        ("default_tags", blocks(&[object(&[("tags", tags(&[("team", "net")]))])])),
    ]);
    let environment = conformance::environment(FilePath::new("/"));
    let report = conformance::run(Arc::new(provider), &config, environment, cases).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn vpcs_conform() {
    let cidr = || ("cidr_block", text("10.0.0.0/16"));
    let case = Case::new("aws_vpc", object(&[cidr(), ("tags", tags(&[("Name", "a")]))]))
        .update(object(&[cidr(), ("tags", tags(&[("Name", "b")])), ("enable_dns_hostnames", yes())]))
        .update(object(&[cidr(), ("assign_generated_ipv6_cidr_block", yes())]))
        .update(object(&[cidr()]))
        .replace(object(&[("cidr_block", text("10.1.0.0/16"))]))
        .replace(object(&[("cidr_block", text("10.1.0.0/16")), ("instance_tenancy", text("dedicated"))]))
        .update(object(&[("cidr_block", text("10.1.0.0/16"))]))
        .import_by("id", &[])
        .refuses(object(&[("cidr_block", text("10.0.0.1/16"))]), "cidr_block")
        .refuses(object(&[("cidr_block", text("10.0.0.0/8"))]), "cidr_block");
    conforms(&Bench::new().await, &[case]).await;
}

#[tokio::test]
async fn subnets_conform() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let base = |more: &[(&'static str, Value)]| {
        let own = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
        object(&own.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())
    };
    let case = Case::new("aws_subnet", base(&[("map_public_ip_on_launch", yes())]))
        .update(base(&[("tags", tags(&[("Name", "b")]))]))
        .update(base(&[("private_dns_hostname_type_on_launch", text("resource-name"))]))
        .replace(base(&[("availability_zone", text("us-east-1b"))]))
        .import_by("id", &["enable_lni_at_device_index", "map_customer_owned_ip_on_launch"])
        .refuses(base(&[("cidr_block", text("10.0.1.0/29"))]), "cidr_block");
    conforms(&bench, &[case]).await;
}

#[tokio::test]
async fn gateways_and_routes_conform() {
    let bench = Bench::new().await;
    let (vpc, other) = (bench.vpc().await, bench.vpc().await);
    let gateway = id(&bench.create("aws_internet_gateway", &[("vpc_id", text(&vpc))]).await);
    let gateways = Case::new("aws_internet_gateway", object(&[("vpc_id", text(&other))]))
        .update(object(&[("tags", tags(&[("Name", "b")]))]))
        .update(object(&[("vpc_id", text(&other))]))
        .import_by("id", &[]);
    let inline = |target: (&'static str, &str), cidr: &str| {
        let route =
            item("aws_route_table", "route", &[("cidr_block", text(cidr)), (target.0, text(target.1))]);
        object(&[("vpc_id", text(&vpc)), ("route", blocks(&[route]))])
    };
    let tables = Case::new("aws_route_table", inline(("gateway_id", &gateway), "0.0.0.0/0"))
        .update(inline(("nat_gateway_id", "nat-1"), "0.0.0.0/0"))
        .update(inline(("nat_gateway_id", "nat-1"), "10.9.0.0/16"))
        .update(object(&[("vpc_id", text(&vpc)), ("route", Value::tuple(vec![]))]))
        .import_by("id", &["route"]);
    let table = id(&bench.create("aws_route_table", &[("vpc_id", text(&vpc))]).await);
    let route = |more: &[(&'static str, &str)]| {
        let more = more.iter().map(|(name, value)| (*name, text(value)));
        object(&[("route_table_id", text(&table))].into_iter().chain(more).collect::<Vec<_>>())
    };
    let everything = ("destination_cidr_block", "0.0.0.0/0");
    let routes = Case::new("aws_route", route(&[everything, ("gateway_id", &gateway)]))
        .update(route(&[everything, ("nat_gateway_id", "nat-1")]))
        .update(route(&[everything, ("network_interface_id", "eni-1")]))
        .update(route(&[everything, ("transit_gateway_id", "tgw-1")]))
        .replace(route(&[("destination_ipv6_cidr_block", "::/0"), ("gateway_id", &gateway)]))
        .import_made(|state| format!("{}_0.0.0.0/0", string(state, "route_table_id")), &[])
        .refuses(route(&[("gateway_id", "igw-1")]), "")
        .refuses(route(&[everything, ("gateway_id", "igw-1"), ("nat_gateway_id", "nat-1")]), "");
    conforms(&bench, &[gateways, tables, routes]).await;
}

#[tokio::test]
async fn associations_conform() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let (a, b) = (
        id(&bench.create("aws_route_table", &[("vpc_id", text(&vpc))]).await),
        id(&bench.create("aws_route_table", &[("vpc_id", text(&vpc))]).await),
    );
    let subnet = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    let subnet = id(&bench.create("aws_subnet", &subnet).await);
    let to = |table: &str| object(&[("subnet_id", text(&subnet)), ("route_table_id", text(table))]);
    let made = |state: &Value| format!("{}/{}", string(state, "subnet_id"), string(state, "route_table_id"));
    let case = Case::new("aws_route_table_association", to(&a))
        .update(to(&b))
        .replace(object(&[("gateway_id", text("igw-1")), ("route_table_id", text(&b))]))
        .import_made(made, &[])
        .refuses(object(&[("route_table_id", text(&a))]), "");
    conforms(&bench, &[case]).await;
}

fn rule(port: i64, more: &[(&'static str, Value)]) -> Value {
    let own =
        [("protocol", text("tcp")), ("from_port", Value::number(port)), ("to_port", Value::number(port))];
    item("aws_security_group", "ingress", &own.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())
}

#[tokio::test]
async fn security_groups_conform() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let group = |more: &[(&'static str, Value)]| {
        let own = [("vpc_id", text(&vpc)), ("name", text("web"))];
        object(&own.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())
    };
    let cidrs = |items: &[&str]| ("cidr_blocks", texts(items));
    let ssh = rule(22, &[cidrs(&["192.168.0.0/16", "10.0.0.0/8"]), ("description", text("ssh"))]);
    let named = rule(22, &[cidrs(&["192.168.0.0/16", "10.0.0.0/8"]), ("description", text("operators"))]);
    let own = rule(443, &[("self", yes())]);
    let everything = item(
        "aws_security_group",
        "egress",
        &[
            ("protocol", text("-1")),
            ("from_port", Value::number(0)),
            ("to_port", Value::number(0)),
            cidrs(&["0.0.0.0/0"]),
        ],
    );
    let case = Case::new("aws_security_group", group(&[("ingress", blocks(&[ssh.clone(), own.clone()]))]))
        .update(group(&[
            ("ingress", blocks(std::slice::from_ref(&named))),
            ("egress", blocks(&[everything])),
        ]))
        .update(group(&[("ingress", blocks(&[named, own]))]))
        .update(group(&[("ingress", Value::tuple(vec![])), ("egress", Value::tuple(vec![]))]))
        .replace(group(&[("description", text("another"))]))
        .import_by("id", &["ingress", "egress", "revoke_rules_on_delete", "name_prefix"])
        .refuses(group(&[("name", text("sg-1"))]), "name")
        .refuses(group(&[("ingress", blocks(&[rule(22, &[])]))]), "");
    let prefixed =
        Case::new("aws_security_group", object(&[("vpc_id", text(&vpc)), ("name_prefix", text("db-"))]))
            .named("prefix")
            .update(object(&[
                ("vpc_id", text(&vpc)),
                ("name_prefix", text("db-")),
                ("revoke_rules_on_delete", yes()),
            ]));
    conforms(&bench, &[case, prefixed]).await;
}

#[tokio::test]
async fn security_group_rules_conform() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let group =
        id(&bench.create("aws_security_group", &[("vpc_id", text(&vpc)), ("name", text("web"))]).await);
    let base = |more: &[(&'static str, Value)]| {
        let own = [("security_group_id", text(&group))];
        object(&own.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())
    };
    let port = |n: i64| {
        [("from_port", Value::number(n)), ("to_port", Value::number(n)), ("ip_protocol", text("tcp"))]
    };
    let with = |ports: [(&'static str, Value); 3], more: (&'static str, Value)| {
        base(&ports.into_iter().chain([more]).collect::<Vec<_>>())
    };
    let everyone = || ("cidr_ipv4", text("0.0.0.0/0"));
    let ingress = Case::new("aws_vpc_security_group_ingress_rule", with(port(22), everyone()))
        .update(with(port(443), everyone()))
        .update(with(port(443), ("referenced_security_group_id", text(&group))))
        .update(base(&[("ip_protocol", text("-1")), everyone(), ("description", text("all"))]))
        .import_by("id", &[])
        .refuses(base(&[("ip_protocol", text("-1"))]), "")
        .refuses(with(port(70_000), everyone()), "from_port");
    let egress = Case::new(
        "aws_vpc_security_group_egress_rule",
        base(&[("ip_protocol", text("-1")), everyone(), ("tags", tags(&[("Name", "out")]))]),
    )
    .update(base(&[("ip_protocol", text("-1")), ("cidr_ipv6", text("::/0"))]))
    .import_by("id", &[]);
    conforms(&bench, &[ingress, egress]).await;
}

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

#[tokio::test]
async fn key_pairs_conform() {
    let key = |name: &str| [("key_name", text(name)), ("public_key", text(&format!("{KEY} me@example.com")))];
    let case = Case::new("aws_key_pair", object(&key("deployer")))
        .update(object(&[&key("deployer")[..], &[("tags", tags(&[("Name", "b")]))]].concat()))
        .replace(object(&key("other")))
        .import_by("id", &["public_key", "key_name_prefix"]);
    let prefixed =
        Case::new("aws_key_pair", object(&[("key_name_prefix", text("ci-")), ("public_key", text(KEY))]));
    conforms(&Bench::new().await, &[case, prefixed.named("prefix")]).await;
}

#[tokio::test]
async fn instances_conform() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let subnet = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    let subnet = id(&bench.create("aws_subnet", &subnet).await);
    let base = |more: &[(&'static str, Value)]| {
        let own = [
            ("ami", text("ami-1")),
            ("subnet_id", text(&subnet)),
            ("vpc_security_group_ids", texts(&["sg-1"])),
        ];
        let mut all: BTreeMap<&str, Value> =
            own.into_iter().chain([("instance_type", text("t3.micro"))]).collect();
        all.extend(more.iter().cloned());
        Value::object_of(all)
    };
    let root = |more: &[(&'static str, Value)]| ("root_block_device", blocks(&[object(more)]));
    let size = |n: i64| ("volume_size", Value::number(n));
    let options = |tokens: &str| ("metadata_options", blocks(&[object(&[("http_tokens", text(tokens))])]));
    let volume = |more: &[(&'static str, Value)]| {
        let own = [("device_name", text("/dev/sdb")), size(10)];
        (
            "ebs_block_device",
            blocks(&[object(&own.into_iter().chain(more.iter().cloned()).collect::<Vec<_>>())]),
        )
    };
    let plain = Case::new("aws_instance", base(&[]))
        .named("plain")
        .update(base(&[("instance_type", text("t3.large"))]))
        .update(base(&[("user_data", text("#!/bin/sh\necho hi\n")), ("tags", tags(&[("Name", "b")]))]))
        .update(base(&[("source_dest_check", Value::bool(false)), ("monitoring", yes())]))
        .update(base(&[("vpc_security_group_ids", texts(&["sg-1", "sg-2"])), options("required")]))
        .update(base(&[
            ("disable_api_stop", yes()),
            ("instance_initiated_shutdown_behavior", text("terminate")),
        ]))
        .replace(base(&[("ami", text("ami-2"))]))
        .replace(base(&[
            ("user_data", text("other")),
            ("user_data_replace_on_change", yes()),
            ("ami", text("ami-2")),
        ]))
        .import_by("id", &["hibernation", "user_data_replace_on_change", "get_password_data"])
        .refuses(base(&[("tenancy", text("shared"))]), "tenancy");
    let volumes = Case::new("aws_instance", base(&[root(&[size(20), ("tags", tags(&[("Name", "root")]))])]))
        .named("volumes")
        .update(base(&[root(&[size(30), ("delete_on_termination", Value::bool(false))])]))
        .replace(base(&[root(&[size(30), ("encrypted", yes())])]))
        .replace(base(&[volume(&[("tags", tags(&[("Name", "data")]))])]))
        .update(base(&[volume(&[("tags", tags(&[("Name", "more")]))])]))
        .replace(base(&[volume(&[("volume_type", text("gp2"))])]));
    conforms(&bench, &[plain, volumes]).await;
}

#[tokio::test]
async fn data_sources_answer() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let subnet = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    let subnet = id(&bench.create("aws_subnet", &subnet).await);
    let read = |type_name: &'static str, attributes: Vec<(&'static str, Value)>| {
        let bench = &bench;
        async move {
            let (state, diagnostics) = bench.data(type_name, &attributes).await;
            assert!(diagnostics.is_empty(), "{type_name}: {diagnostics:?}");
            assert!(state.is_wholly_known(), "{type_name}: {state:?}");
            state
        }
    };
    let zones = read("aws_availability_zones", vec![("state", text("available"))]).await;
    assert_eq!(zones.attr("names").and_then(Value::items).map(<[Value]>::len), Some(2));
    assert_eq!(
        zones.attr("names").and_then(|v| v.items()?.first()?.as_str().cloned()).as_deref(),
        Some("us-east-1a")
    );
    assert_eq!(id(&read("aws_vpc", vec![("id", text(&vpc))]).await), vpc);
    assert_eq!(id(&read("aws_subnet", vec![("cidr_block", text("10.0.1.0/24"))]).await), subnet);
    assert_eq!(id(&read("aws_caller_identity", vec![]).await), crate::fake::OWNER);
    assert_eq!(string(&read("aws_region", vec![]).await, "endpoint"), "ec2.us-east-1.amazonaws.com");
    assert_eq!(string(&read("aws_partition", vec![]).await, "reverse_dns_prefix"), "com.amazonaws");
    assert_eq!(id(&read("aws_ami", vec![("name_regex", text("^debian"))]).await), "ami-1");
    let (_, diagnostics) = bench.data("aws_ami", &[("name_regex", text("^arch"))]).await;
    let message = diagnostics.iter().next().map(ToString::to_string).unwrap_or_default();
    assert!(message.contains("Your query returned no results"), "{message}");
}

#[test]
fn user_data_that_state_holds_as_a_hash_is_no_change() {
    let same = crate::resources::find("aws_instance").expect("exists").rules().same;
    let hash = Value::string("ec59861c29a9bb9a57e2ebd7fd4f4ef85c9c2b8f");
    assert!(!same("user_data", &hash, &Value::string("x")));
    let hash = Value::string("11f6ad8ec52a2984abaafd7c3b516503785c2072");
    assert!(same("user_data", &hash, &Value::string("x")));
    assert!(!same("user_data", &Value::null(Type::String), &Value::string("x")));
}
