//! The provider through the AWS SDK against a moto server: the conformance suite for every type, data sources,
//! messages, and the number of calls.
//!
//! The server is `GROMA_TEST_MOTO_SERVER`, else `moto_server` on the PATH. Without one the tests say so and pass, except
//! under CI=true.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path as FilePath;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use provider::conformance::{self, Case};
use provider::{
    ApplyRequest, ConfigureRequest, Configured, DataRequest, PlanRequest, Provider, ReadRequest,
    RecoverRequest, RecoverResponse, proposed_new,
};
use value::{Type, Value};

/// A moto server of its own, ended with the test.
struct Moto {
    process: Child,
    address: SocketAddr,
}

impl Moto {
    /// Starts a server; none where there is none to start.
    #[expect(clippy::print_stdout, reason = "no test is left out silently")]
    fn start() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where moto is")]
        let variable = |name: &str| std::env::var(name).ok();
        let program = variable("GROMA_TEST_MOTO_SERVER").unwrap_or_else(|| "moto_server".into());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        drop(listener);
        let started = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match started {
            Ok(process) => {
                let moto = Self { process, address };
                moto.wait();
                Some(moto)
            }
            Err(error) => {
                assert!(variable("CI").as_deref() != Some("true"), "{program} cannot be started: {error}");
                println!("skipped: {program} cannot be started ({error}); cargo xtask test installs it");
                None
            }
        }
    }

    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(start.elapsed() < Duration::from_mins(1), "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The provider block for this server.
    fn config(&self, more: &[(&'static str, Value)]) -> Value {
        let endpoints = object(&[("ec2", text(&self.url())), ("sts", text(&self.url()))]);
        let own = [
            ("region", text("us-east-1")),
            ("access_key", text("test")),
            ("secret_key", text("test")),
            ("endpoints", items(&[endpoints])),
        ];
        let all: BTreeMap<&str, Value> = own.into_iter().chain(more.iter().cloned()).collect();
        Value::object_of(all)
    }

    /// Asks moto itself, past the provider. The signature only says which service is meant; moto does not check it.
    fn ask(&self, query: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("moto listens");
        let request = format!(
            "POST / HTTP/1.0\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/ec2/aws4_request, SignedHeaders=host, \
             Signature=0\r\n\r\n{query}&Version=2016-11-15",
            self.address,
            query.len() + "&Version=2016-11-15".len()
        );
        stream.write_all(request.as_bytes()).expect("moto reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("moto answers text");
        answer
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn object(attributes: &[(&str, Value)]) -> Value {
    Value::object_of(attributes.iter().map(|(name, value)| (*name, value.clone())))
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn texts(list: &[&str]) -> Value {
    Value::tuple(list.iter().map(|item| text(item)).collect())
}

fn items(list: &[Value]) -> Value {
    Value::tuple(list.to_vec())
}

fn tags(pairs: &[(&str, &str)]) -> (&'static str, Value) {
    ("tags", Value::object_of(pairs.iter().map(|(k, v)| (*k, text(v)))))
}

fn string(state: &Value, name: &str) -> String {
    state.attr_str(name).map(ToString::to_string).unwrap_or_default()
}

/// An item of an attribute that is written as blocks: what is left out is null.
fn item(provider: &dyn Provider, type_name: &str, attribute: &str, attributes: &[(&str, Value)]) -> Value {
    let schema = provider.schema();
    let ty = schema.resources[type_name].block.attributes[attribute].ty.clone();
    let element = ty.element().and_then(Type::as_object).expect("a collection of objects");
    let given: BTreeMap<&str, Value> = attributes.iter().cloned().collect();
    let value = |name: &str, ty: &Type| given.get(name).cloned().unwrap_or_else(|| Value::null(ty.clone()));
    Value::object_of(element.iter().map(|(name, ty)| (name.clone(), value(name, ty))))
}

/// The provider, configured for a server, and what a user does with it.
struct User {
    provider: Arc<dyn Provider>,
    configured: Arc<dyn Configured>,
}

impl User {
    async fn of(moto: &Moto) -> Self {
        let provider = groma_provider_aws_sdk::provider();
        let environment = conformance::environment(FilePath::new("/"));
        let config = moto.config(&[]);
        let configured = conformance::configured(&*provider, &config, environment).await.expect("configures");
        Self { provider, configured }
    }

    async fn planned(&self, type_name: &str, prior: &Value, config: &Value) -> Value {
        let schema = self.provider.schema();
        let proposed = if config.is_null() {
            config.clone()
        } else {
            proposed_new(&schema.resources[type_name].block, prior, config)
        };
        let (prior, config) = (prior.clone(), config.clone());
        let request =
            PlanRequest { type_name: type_name.into(), prior, proposed, config, private: Vec::new() };
        let response = self.configured.plan(request).await;
        assert!(!response.diagnostics.has_errors(), "{type_name}: {:?}", response.diagnostics);
        response.planned
    }

    async fn create(&self, type_name: &str, attributes: &[(&str, Value)]) -> Value {
        let schema = self.provider.schema();
        let block = &schema.resources[type_name].block;
        let config = block.coerce(&object(attributes)).expect("fits the schema");
        let prior = Value::null(block.implied_type());
        let planned = self.planned(type_name, &prior, &config).await;
        let (type_name, token) = (type_name.into(), "6f1b3a52-0c5f-4a43-9d0c-0123456789ab".into());
        let request = ApplyRequest { type_name, prior, planned, config, private: Vec::new(), token };
        let response = self.configured.apply(request).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    async fn id(&self, type_name: &str, attributes: &[(&str, Value)]) -> String {
        string(&self.create(type_name, attributes).await, "id")
    }

    async fn recover(&self, type_name: &str, attributes: &[(&str, Value)], token: &str) -> RecoverResponse {
        let schema = self.provider.schema();
        let block = &schema.resources[type_name].block;
        let config = block.coerce(&object(attributes)).expect("fits the schema");
        let prior = Value::null(block.implied_type());
        let planned = self.planned(type_name, &prior, &config).await;
        let (type_name, token) = (type_name.into(), token.into());
        self.configured
            .recover(RecoverRequest { type_name, prior, planned, config, private: Vec::new(), token })
            .await
    }

    async fn data(&self, type_name: &str, attributes: &[(&str, Value)]) -> Value {
        let schema = self.provider.schema();
        let config =
            schema.data_sources[type_name].block.coerce(&object(attributes)).expect("fits the schema");
        let answer = self.configured.read_data(DataRequest { type_name: type_name.into(), config }).await;
        assert!(answer.diagnostics.is_empty(), "{type_name}: {:?}", answer.diagnostics);
        assert!(answer.state.is_wholly_known(), "{type_name}: {:?}", answer.state);
        answer.state
    }
}

async fn conforms(moto: &Moto, cases: &[Case]) {
    // moto fails for ever where instances are looked for by the token that they were made with: a few tries tell that.
    let tries = ("max_retries", Value::number(3));
    let config = moto.config(&[("default_tags", items(&[object(&[tags(&[("team", "net")])])])), tries]);
    let environment = conformance::environment(FilePath::new("/"));
    let report = conformance::run(groma_provider_aws_sdk::provider(), &config, environment, cases).await;
    assert!(report.is_ok(), "{report}");
}

fn chained(own: &[(&'static str, Value)], more: &[(&'static str, Value)]) -> Value {
    let all: BTreeMap<&str, Value> = own.iter().chain(more).cloned().collect();
    Value::object_of(all)
}

#[tokio::test]
async fn networks_conform() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let vpc = user.id("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await;
    let other = user.id("aws_vpc", &[("cidr_block", text("10.9.0.0/16"))]).await;
    let gateway = user.id("aws_internet_gateway", &[("vpc_id", text(&vpc))]).await;
    let second = user.id("aws_internet_gateway", &[("vpc_id", text(&other))]).await;
    let subnet = user.id("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", text("10.0.9.0/24"))]).await;
    let table = user.id("aws_route_table", &[("vpc_id", text(&vpc))]).await;
    let another = user.id("aws_route_table", &[("vpc_id", text(&vpc))]).await;
    let third = user.id("aws_vpc", &[("cidr_block", text("10.8.0.0/16"))]).await;

    let cidr = || ("cidr_block", text("10.1.0.0/16"));
    let on = || Value::bool(true);
    let vpcs = Case::new("aws_vpc", object(&[cidr(), tags(&[("Name", "a")])]))
        .update(object(&[cidr(), tags(&[("Name", "b")]), ("enable_dns_hostnames", on())]))
        .update(object(&[cidr(), ("assign_generated_ipv6_cidr_block", on())]))
        .update(object(&[cidr()]))
        .replace(object(&[("cidr_block", text("10.2.0.0/16"))]))
        .import_by("id", &[]);

    let own = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    // moto draws the zone of a subnet that names none: what must be another one is named first.
    let zone = |name: &str| ("availability_zone", text(name));
    let subnets =
        Case::new("aws_subnet", chained(&own, &[zone("us-east-1a"), ("map_public_ip_on_launch", on())]))
            .update(chained(&own, &[tags(&[("Name", "b")])]))
            .replace(chained(&own, &[zone("us-east-1b")]))
            .replace(chained(&own, &[("cidr_block", text("10.0.2.0/24"))]))
            .import_by("id", &["enable_lni_at_device_index", "map_customer_owned_ip_on_launch"]);

    let gateways = Case::new("aws_internet_gateway", object(&[("vpc_id", text(&third))]))
        .update(object(&[tags(&[("Name", "b")])]))
        .update(object(&[("vpc_id", text(&third))]))
        .import_by("id", &[]);

    let inline = |gateway: &str, cidr: &str| {
        let route = [("cidr_block", text(cidr)), ("gateway_id", text(gateway))];
        let route = item(&*user.provider, "aws_route_table", "route", &route);
        object(&[("vpc_id", text(&vpc)), ("route", items(&[route]))])
    };
    let tables = Case::new("aws_route_table", inline(&gateway, "0.0.0.0/0"))
        .update(inline(&second, "0.0.0.0/0"))
        .update(inline(&second, "10.77.0.0/16"))
        .update(object(&[("vpc_id", text(&vpc)), ("route", items(&[]))]))
        .import_by("id", &["route"]);

    let everything = || ("destination_cidr_block", text("0.0.0.0/0"));
    let route = |more: &[(&'static str, Value)]| chained(&[("route_table_id", text(&table))], more);
    let routes = Case::new("aws_route", route(&[everything(), ("gateway_id", text(&gateway))]))
        .update(route(&[everything(), ("gateway_id", text(&second))]))
        .replace(route(&[("destination_cidr_block", text("10.66.0.0/16")), ("gateway_id", text(&gateway))]))
        .import_made(|state| format!("{}_0.0.0.0/0", string(state, "route_table_id")), &[]);

    let to = |table: &str| object(&[("subnet_id", text(&subnet)), ("route_table_id", text(table))]);
    let made = |state: &Value| format!("{}/{}", string(state, "subnet_id"), string(state, "route_table_id"));
    let associations =
        Case::new("aws_route_table_association", to(&table)).update(to(&another)).import_made(made, &[]);
    conforms(&moto, &[vpcs, subnets, gateways, tables, routes, associations]).await;
}

#[tokio::test]
async fn security_groups_conform() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let vpc = user.id("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await;
    let group = user.id("aws_security_group", &[("vpc_id", text(&vpc)), ("name", text("rules"))]).await;
    let port = |n: i64| [("from_port", Value::number(n)), ("to_port", Value::number(n))];
    let inline = |port_number: i64, more: &[(&'static str, Value)]| {
        let own = [&[("protocol", text("tcp"))], &port(port_number)[..], more].concat();
        item(&*user.provider, "aws_security_group", "ingress", &own)
    };
    let cidrs = |list: &[&str]| ("cidr_blocks", texts(list));
    let ssh = inline(22, &[cidrs(&["192.168.0.0/16", "10.0.0.0/8"]), ("description", text("ssh"))]);
    let own = inline(443, &[("self", Value::bool(true))]);
    let everything = [("protocol", text("-1")), cidrs(&["0.0.0.0/0"])];
    let everything = [&everything[..], &port(0)[..]].concat();
    let everything = item(&*user.provider, "aws_security_group", "egress", &everything);
    let base = [("vpc_id", text(&vpc)), ("name", text("web"))];
    let groups =
        Case::new("aws_security_group", chained(&base, &[("ingress", items(&[ssh.clone(), own.clone()]))]))
            .update(chained(&base, &[("ingress", items(&[ssh])), ("egress", items(&[everything]))]))
            .update(chained(&base, &[("ingress", items(&[own]))]))
            .update(chained(&base, &[("ingress", items(&[])), ("egress", items(&[]))]))
            .replace(chained(&base, &[("description", text("another"))]))
            .import_by("id", &["ingress", "egress", "revoke_rules_on_delete", "name_prefix"]);

    let rule = |more: &[&[(&'static str, Value)]]| {
        chained(&[("security_group_id", text(&group)), ("ip_protocol", text("tcp"))], &more.concat())
    };
    let everyone = || ("cidr_ipv4", text("0.0.0.0/0"));
    let ingress = Case::new("aws_vpc_security_group_ingress_rule", rule(&[&port(22), &[everyone()]]))
        .update(rule(&[&port(443), &[everyone()]]))
        .update(rule(&[&port(443), &[everyone(), ("description", text("web")), tags(&[("Name", "web")])]]))
        .import_by("id", &[]);
    let all = [("ip_protocol", text("-1")), everyone()];
    let egress = Case::new("aws_vpc_security_group_egress_rule", rule(&[&all])).import_by("id", &[]);
    conforms(&moto, &[groups, ingress, egress]).await;
}

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

#[tokio::test]
async fn key_pairs_and_instances_conform() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let vpc = user.id("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await;
    let subnet = user.id("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))]).await;
    let group = user.id("aws_security_group", &[("vpc_id", text(&vpc)), ("name", text("a"))]).await;
    let second = user.id("aws_security_group", &[("vpc_id", text(&vpc)), ("name", text("b"))]).await;
    let image =
        user.data("aws_ami", &[("most_recent", Value::bool(true)), ("owners", texts(&["amazon"]))]).await;
    let image = string(&image, "id");

    let key = |name: &str| [("key_name", text(name)), ("public_key", text(&format!("{KEY} me@example.com")))];
    let keys = Case::new("aws_key_pair", object(&key("deployer")))
        .update(chained(&key("deployer"), &[tags(&[("Name", "b")])]))
        .replace(object(&key("other")))
        .import_by("id", &["public_key", "key_name_prefix"]);

    let base = [
        ("ami", text(&image)),
        ("instance_type", text("t3.micro")),
        ("subnet_id", text(&subnet)),
        ("vpc_security_group_ids", texts(&[&group])),
    ];
    let with = |more: &[(&'static str, Value)]| chained(&base, more);
    let unknown_to_imports = ["hibernation", "user_data_replace_on_change", "get_password_data"];
    let plain = Case::new("aws_instance", with(&[tags(&[("Name", "a")])]))
        .named("plain")
        .update(with(&[("instance_type", text("t3.large"))]))
        .update(with(&[("source_dest_check", Value::bool(false)), tags(&[("Name", "b")])]))
        .update(with(&[("vpc_security_group_ids", texts(&[&group, &second]))]))
        .update(with(&[("disable_api_stop", Value::bool(true))]))
        .import_by("id", &unknown_to_imports);
    let root = |size: i64| {
        (
            "root_block_device",
            items(&[object(&[("volume_size", Value::number(size)), tags(&[("Name", "root")])])]),
        )
    };
    let volumes = Case::new("aws_instance", with(&[root(20)])).named("volumes").update(with(&[root(30)]));
    conforms(&moto, &[keys, plain, volumes]).await;
}

#[tokio::test]
async fn data_sources_answer() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let name = tags(&[("Name", "main")]);
    let vpc = user.id("aws_vpc", &[("cidr_block", text("10.0.0.0/16")), name.clone()]).await;
    let place = [
        ("vpc_id", text(&vpc)),
        ("cidr_block", text("10.0.1.0/24")),
        ("availability_zone", text("us-east-1a")),
    ];
    let subnet = user.id("aws_subnet", &place).await;
    let zones = user.data("aws_availability_zones", &[("state", text("available"))]).await;
    assert!(zones.attr("names").and_then(Value::items).is_some_and(|names| names.len() >= 3));
    assert_eq!(string(&user.data("aws_vpc", &[name]).await, "id"), vpc);
    assert_eq!(
        string(&user.data("aws_vpc", &[("default", Value::bool(true))]).await, "cidr_block"),
        "172.31.0.0/16"
    );
    let found = user.data("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))]).await;
    assert_eq!(string(&found, "id"), subnet);
    let filter =
        object(&[("name", text("availability-zone")), ("values", texts(&["us-east-1a", "us-east-1b"]))]);
    let found = user.data("aws_subnet", &[("id", text(&subnet)), ("filter", items(&[filter]))]).await;
    assert_eq!(string(&found, "id"), subnet);
    assert_eq!(string(&user.data("aws_caller_identity", &[]).await, "account_id"), "123456789012");
    assert_eq!(string(&user.data("aws_region", &[]).await, "description"), "US East (N. Virginia)");
    assert_eq!(string(&user.data("aws_partition", &[]).await, "partition"), "aws");
}

#[tokio::test]
async fn refreshing_many_subnets_is_one_call() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let vpc = user.id("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await;
    let mut requests = Vec::new();
    for n in 0..30 {
        let cidr = text(&format!("10.0.{n}.0/24"));
        let current = user.create("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", cidr)]).await;
        requests.push(ReadRequest { type_name: "aws_subnet".into(), current, private: Vec::new() });
    }
    let states: Vec<Value> = requests.iter().map(|request| request.current.clone()).collect();
    let start = Instant::now();
    let answers = user.configured.read(requests).await;
    assert!(answers.iter().zip(&states).all(|(answer, state)| answer.state == *state));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn what_a_crash_left_behind_is_found() {
    let Some(moto) = Moto::start() else { return };
    let user = User::of(&moto).await;
    let token = "00000000-0000-4000-8000-00000000000a";
    let attributes = [("cidr_block", text("10.0.0.0/16"))];
    assert!(matches!(user.recover("aws_vpc", &attributes, token).await, RecoverResponse::NotApplied));
    // What the creating call of a killed process did.
    let made = moto.ask(&format!(
        "Action=CreateVpc&CidrBlock=10.0.0.0/16&TagSpecification.1.ResourceType=vpc\
         &TagSpecification.1.Tag.1.Key=groma:operation&TagSpecification.1.Tag.1.Value={token}"
    ));
    assert!(made.contains("<vpcId>"), "{made}");
    let RecoverResponse::Found { state, .. } = user.recover("aws_vpc", &attributes, token).await else {
        panic!("not found");
    };
    assert!(made.contains(&string(&state, "id")));
    assert!(
        moto.ask("Action=DescribeVpcs").contains("groma:operation"),
        "the engine has yet to write it down"
    );
    let request = ReadRequest { type_name: "aws_vpc".into(), current: state.clone(), private: Vec::new() };
    assert_eq!(user.configured.read(vec![request]).await[0].state, state);
    assert!(!moto.ask("Action=DescribeVpcs").contains("groma:operation"));
}

#[tokio::test]
async fn failures_say_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let closed = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    drop(listener);
    let keys = [("access_key", text("test")), ("secret_key", text("test"))];
    let endpoint = ("endpoints", items(&[object(&[("ec2", text(&closed)), ("sts", text(&closed))])]));
    let region = ("region", text("us-east-1"));
    let no_retries = ("max_retries", Value::number(0));
    let nowhere = ("skip_metadata_api_check", text("true"));
    for (name, attributes, expected) in [
        (
            "an endpoint that is not there",
            vec![region.clone(), keys[0].clone(), keys[1].clone(), endpoint.clone(), no_retries.clone()],
            vec![
                "GetCallerIdentity",
                "request send failed",
                closed.as_str(),
                "endpoint could not be reached",
            ],
        ),
        (
            "no credentials",
            vec![region.clone(), endpoint.clone(), no_retries.clone(), nowhere],
            vec!["No valid credential sources found", "AWS_ACCESS_KEY_ID", "the profile \"default\""],
        ),
        (
            "no region",
            vec![keys[0].clone(), keys[1].clone()],
            vec!["Missing region configuration", "AWS_REGION"],
        ),
        (
            "a region that does not exist",
            vec![("region", text("mars-1")), keys[0].clone(), keys[1].clone()],
            vec!["Invalid AWS Region", "mars-1", "skip_region_validation"],
        ),
    ] {
        let provider = groma_provider_aws_sdk::provider();
        let block = &provider.schema().provider.block;
        let config = block.coerce(&object(&attributes)).expect("fits the schema");
        let environment = conformance::environment(FilePath::new("/"));
        let request = ConfigureRequest { config, environment, version: "0.0.0".into() };
        let (configured, diagnostics) = provider.configure(request).await;
        assert!(configured.is_none(), "{name}");
        let message: String = diagnostics.iter().map(ToString::to_string).collect();
        for part in expected {
            assert!(message.contains(part), "{name}: {part:?} is not in: {message}");
        }
    }
}
