//! Throttling, lost answers, late visibility, interruption: nothing of it may lose or double an object.

use super::*;

#[tokio::test]
async fn throttled_calls_are_repeated() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.fake.fail("CreateVpc", Fault::Throttled);
        bench.fake.fail("DescribeVpcs", Fault::Throttled);
    }
    bench.vpc().await;
    assert_eq!(bench.fake.world().vpcs.len(), 1);
    assert_eq!(bench.fake.calls("CreateVpc"), 4);
}

#[tokio::test]
async fn endless_throttling_is_told_with_advice() {
    let bench = Bench::new().await;
    for _ in 0..10 {
        bench.fake.fail("CreateVpc", Fault::Throttled);
    }
    let config = bench.config("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]);
    let response = bench.apply("aws_vpc", &bench.nothing("aws_vpc"), &config).await;
    assert!(response.state.is_null());
    let message = response.diagnostics.iter().next().map(ToString::to_string).unwrap_or_default();
    assert_eq!(
        message,
        "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: \
         00000000-1111-2222-3333-444444444444, api error RequestLimitExceeded: injected RequestLimitExceeded\n\n\
         AWS kept throttling the calls of this account. Lower -parallelism, or raise max_retries of the provider."
    );
}

/// What creates an object of each type, given a VPC, a subnet, a route table and a security group.
fn creations(vpc: &str, subnet: &str, table: &str, group: &str) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("aws_vpc", "CreateVpc", object(&[("cidr_block", text("10.5.0.0/16"))])),
        ("aws_subnet", "CreateSubnet", object(&[("vpc_id", text(vpc)), ("cidr_block", text("10.0.9.0/24"))])),
        ("aws_internet_gateway", "CreateInternetGateway", object(&[("vpc_id", text(vpc))])),
        ("aws_route_table", "CreateRouteTable", object(&[("vpc_id", text(vpc))])),
        (
            "aws_route",
            "CreateRoute",
            object(&[
                ("route_table_id", text(table)),
                ("destination_cidr_block", text("0.0.0.0/0")),
                ("nat_gateway_id", text("nat-1")),
            ]),
        ),
        (
            "aws_route_table_association",
            "AssociateRouteTable",
            object(&[("route_table_id", text(table)), ("subnet_id", text(subnet))]),
        ),
        (
            "aws_security_group",
            "CreateSecurityGroup",
            object(&[("vpc_id", text(vpc)), ("name_prefix", text("web-"))]),
        ),
        (
            "aws_vpc_security_group_egress_rule",
            "AuthorizeSecurityGroup",
            object(&[
                ("security_group_id", text(group)),
                ("ip_protocol", text("-1")),
                ("cidr_ipv4", text("0.0.0.0/0")),
            ]),
        ),
        (
            "aws_key_pair",
            "ImportKeyPair",
            object(&[("key_name", text("k")), ("public_key", text("ssh-ed25519 AAAA"))]),
        ),
        (
            "aws_instance",
            "RunInstances",
            object(&[
                ("ami", text("ami-1")),
                ("instance_type", text("t3.micro")),
                ("subnet_id", text(subnet)),
            ]),
        ),
    ]
}

async fn surroundings(bench: &Bench) -> Vec<(&'static str, &'static str, Value)> {
    let vpc = bench.vpc().await;
    let subnet = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    let subnet = id(&bench.create("aws_subnet", &subnet).await);
    let table = [("vpc_id", text(&vpc)), ("tags", tags(&[("Name", "t")]))];
    let table = id(&bench.create("aws_route_table", &table).await);
    let group = [("vpc_id", text(&vpc)), ("name", text("g"))];
    let group = id(&bench.create("aws_security_group", &group).await);
    creations(&vpc, &subnet, &table, &group)
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_object() {
    for fault in [Fault::AnswerLost, Fault::RequestLost] {
        let bench = Bench::new().await;
        for (type_name, operation, config) in surroundings(&bench).await {
            let before = bench.fake.calls(operation);
            bench.fake.fail(operation, fault);
            let config = bench.provider.schema().resources[type_name].block.coerce(&config).expect("fits");
            let response = bench.apply(type_name, &bench.nothing(type_name), &config).await;
            assert!(response.diagnostics.is_empty(), "{type_name}, {fault:?}: {:?}", response.diagnostics);
            assert!(!id(&response.state).is_empty(), "{type_name}: {:?}", response.state);
            assert!(bench.settle(&[(type_name, response.state)]).await.is_empty());
            let calls = bench.fake.calls(operation) - before;
            assert_eq!(calls, if fault == Fault::AnswerLost { 1 } else { 2 }, "{type_name}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_crash_after_the_request_is_recovered() {
    let bench = Bench::new().await;
    for (type_name, operation, config) in surroundings(&bench).await {
        let config = bench.provider.schema().resources[type_name].block.coerce(&config).expect("fits");
        let nothing = bench.nothing(type_name);
        assert!(
            matches!(bench.recover(type_name, &nothing, &config).await, RecoverResponse::NotApplied),
            "{type_name}: nothing was made yet"
        );
        // The request arrives, and all that would follow does not.
        bench.fake.fail(operation, Fault::AnswerLost);
        for describing in
            ["DescribeVpcs", "DescribeSubnets", "DescribeInternetGateways", "DescribeRouteTables"]
        {
            bench.fake.fail(describing, Fault::Refused("UnauthorizedOperation"));
        }
        for describing in
            ["DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeKeyPairs", "DescribeInstances"]
        {
            bench.fake.fail(describing, Fault::Refused("UnauthorizedOperation"));
        }
        let crashed = bench.apply(type_name, &nothing, &config).await;
        assert!(crashed.diagnostics.has_errors(), "{type_name}");
        bench.fake.clear_faults();
        let RecoverResponse::Found { state, .. } = bench.recover(type_name, &nothing, &config).await else {
            panic!("{type_name}: not found");
        };
        assert!(state.is_wholly_known() && !id(&state).is_empty(), "{type_name}: {state:?}");
        assert_eq!(bench.read(type_name, std::slice::from_ref(&state)).await, [state], "{type_name}");
    }
}

#[tokio::test]
async fn a_recovered_security_group_lets_nothing_out_that_is_not_configured() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let made = bench.fake.world().new_group(&vpc, "web", "Managed by Terraform", Tags::new());
    let config = bench.config("aws_security_group", &[("vpc_id", text(&vpc)), ("name", text("web"))]);
    let nothing = bench.nothing("aws_security_group");
    let RecoverResponse::Found { state, .. } = bench.recover("aws_security_group", &nothing, &config).await
    else {
        panic!("not found");
    };
    assert_eq!(id(&state), made);
    assert_eq!(state.attr("egress").and_then(Value::items), Some(&[][..]));
}

/// The process was killed between the answer and its record: the object is found, and the one beside it that looks the
/// same is neither taken for it nor in the way.
#[tokio::test]
async fn what_was_answered_and_not_recorded_is_found() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    for (type_name, config) in [
        ("aws_vpc", object(&[("cidr_block", text("10.0.0.0/16"))])),
        ("aws_internet_gateway", object(&[("vpc_id", text(&vpc))])),
        ("aws_route_table", object(&[("vpc_id", text(&vpc))])),
    ] {
        let config = bench.provider.schema().resources[type_name].block.coerce(&config).expect("fits");
        let nothing = bench.nothing(type_name);
        let recovered = bench.recover(type_name, &nothing, &config).await;
        assert!(matches!(recovered, RecoverResponse::NotApplied), "{type_name}: nothing was made yet");
        let answered = bench.apply(type_name, &nothing, &config).await.state;
        // Killed again and again before what was found is recorded.
        for _ in 0..2 {
            match bench.recover(type_name, &nothing, &config).await {
                RecoverResponse::Found { state, .. } => assert_eq!(state, answered, "{type_name}"),
                _ => panic!("{type_name}: not found"),
            }
        }
        assert!(bench.is_marked(&id(&answered)), "{type_name}");
        let answered = std::slice::from_ref(&answered);
        assert_eq!(bench.read(type_name, answered).await, answered);
        assert!(!bench.is_marked(&id(&answered[0])), "{type_name}: a refresh takes the mark off");
    }
}

#[tokio::test]
async fn what_is_settled_carries_no_mark() {
    let bench = Bench::new().await;
    let attributes = [("cidr_block", text("10.0.0.0/16")), ("tags", tags(&[("Name", "main")]))];
    let states = [
        bench.create_unsettled("aws_vpc", &attributes).await,
        bench.create_unsettled("aws_vpc", &attributes).await,
    ];
    let gone = bench.create_unsettled("aws_vpc", &attributes).await;
    bench.fake.world().vpcs.remove(&id(&gone));
    let deletions = bench.fake.calls("DeleteTags");
    let all = [&states[0], &gone, &states[1]].map(|state| ("aws_vpc", state.clone()));
    assert!(bench.settle(&all).await.is_empty());
    assert!(states.iter().all(|state| !bench.is_marked(&id(state))));
    assert_eq!(bench.fake.calls("DeleteTags") - deletions, 4, "one for all, then one each");
    assert!(bench.settle(&all[..1]).await.is_empty());
    assert_eq!(bench.fake.calls("DeleteTags") - deletions, 5);
    assert!(bench.settle(&[]).await.is_empty());
    assert_eq!(bench.fake.calls("DeleteTags") - deletions, 5);
    assert_eq!(bench.read("aws_vpc", &states).await, states, "the user's tags stay");
}

#[tokio::test]
async fn a_mark_that_stays_is_a_warning_and_hurts_nothing() {
    let bench = Bench::new().await;
    let state = bench.create_unsettled("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await;
    let vpc = id(&state);
    bench.fake.fail("DeleteTags", Fault::Refused("UnauthorizedOperation"));
    let warnings = bench.settle(&[("aws_vpc", state.clone())]).await;
    assert!(!warnings.has_errors());
    let text = warnings.iter().next().map(ToString::to_string).unwrap_or_default();
    assert!(text.contains("groma:operation not removed") && text.contains(&vpc), "{text}");
    // Who may not write sees the same object in each plan.
    bench.fake.fail("DeleteTags", Fault::Refused("UnauthorizedOperation"));
    let states = std::slice::from_ref(&state);
    assert_eq!(bench.read("aws_vpc", states).await, states);
    assert!(bench.is_marked(&vpc));
    let (found, _) = bench.data("aws_vpc", &[("id", super::text(&vpc))]).await;
    assert_eq!(found.attr("tags").and_then(Value::entries).map(|tags| tags.iter().count()), Some(0));
    let updated = bench.update("aws_vpc", &state, &[("cidr_block", super::text("10.0.0.0/16"))]).await;
    assert_eq!(updated.state, state);
}

#[tokio::test]
async fn late_visibility_is_waited_for() {
    let bench = Bench::new().await;
    bench.fake.world().latency = 3;
    for (type_name, _, config) in surroundings(&bench).await {
        let config = bench.provider.schema().resources[type_name].block.coerce(&config).expect("fits");
        let response = bench.apply(type_name, &bench.nothing(type_name), &config).await;
        assert!(response.diagnostics.is_empty(), "{type_name}: {:?}", response.diagnostics);
    }
}

/// What is there at once is not waited for: an answer that disagrees with the plan would cost seconds each time.
#[tokio::test]
async fn nothing_is_waited_for_that_is_there() {
    let timer = Arc::new(VirtualTimer::default());
    let bench = Bench::with(object(&[("region", text("us-east-1"))]), timer.clone()).await;
    for (type_name, _, config) in surroundings(&bench).await {
        let before = timer.now();
        let config = bench.provider.schema().resources[type_name].block.coerce(&config).expect("fits");
        let response = bench.apply(type_name, &bench.nothing(type_name), &config).await;
        assert!(response.diagnostics.is_empty(), "{type_name}: {:?}", response.diagnostics);
        assert!(timer.now().checked_sub(before).unwrap() < std::time::Duration::from_secs(1), "{type_name}");
    }
}

#[tokio::test]
async fn a_failure_half_way_leaves_a_true_state() {
    let bench = Bench::new().await;
    bench.fake.fail("ModifyVpcAttribute", Fault::Refused("UnauthorizedOperation"));
    let config =
        bench.config("aws_vpc", &[("cidr_block", text("10.0.0.0/16")), ("enable_dns_hostnames", yes())]);
    let response = bench.apply("aws_vpc", &bench.nothing("aws_vpc"), &config).await;
    assert!(response.diagnostics.has_errors());
    assert!(response.state.is_wholly_known());
    assert_eq!(response.state.attr("enable_dns_hostnames"), Some(&Value::bool(false)));
    assert!(bench.fake.world().vpcs.contains_key(&id(&response.state)));
}

#[tokio::test]
async fn what_is_gone_is_read_as_gone_and_spoils_nothing() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let mut states = Vec::new();
    for n in 0..5 {
        let cidr = text(&format!("10.0.{n}.0/24"));
        states.push(bench.create("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", cidr)]).await);
    }
    bench.fake.world().subnets.remove(&id(&states[2]));
    let read = bench.read("aws_subnet", &states).await;
    let gone: Vec<bool> = read.iter().map(Value::is_null).collect();
    assert_eq!(gone, [false, false, true, false, false]);
    assert!(bench.delete("aws_subnet", &states[2]).await.diagnostics.is_empty(), "gone already is deleted");
}

#[tokio::test]
async fn the_number_of_calls_does_not_grow_with_the_subnets() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let mut states = Vec::new();
    for n in 0..150 {
        let cidr = text(&format!("10.0.{n}.0/24"));
        states.push(bench.create("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", cidr)]).await);
    }
    let before = bench.fake.calls("DescribeSubnets");
    bench.read("aws_subnet", &states).await;
    assert_eq!(bench.fake.calls("DescribeSubnets") - before, 1);
}

#[tokio::test]
async fn a_change_behind_our_back_shows_as_that_field() {
    let bench = Bench::new().await;
    let attributes = [("cidr_block", text("10.0.0.0/16")), ("tags", tags(&[("Name", "a")]))];
    let state = bench.create("aws_vpc", &attributes).await;
    let _ = bench.fake.world().tags_of(&id(&state)).map(|t| t.insert("Name".into(), "b".into()));
    let read = bench.read("aws_vpc", std::slice::from_ref(&state)).await.remove(0);
    let changed = |a: &Value, b: &Value| -> Vec<String> {
        let entries = a.entries().expect("an object");
        entries.iter().filter(|(name, v)| b.attr(name) != Some(v)).map(|(name, _)| name.to_string()).collect()
    };
    assert_eq!(changed(&state, &read), ["tags", "tags_all"]);
    let plan = bench.plan("aws_vpc", &read, &bench.config("aws_vpc", &attributes)).await;
    assert_eq!(changed(&read, &plan.planned), ["tags", "tags_all"]);
    let repaired = bench.update("aws_vpc", &read, &attributes).await;
    assert!(repaired.diagnostics.is_empty());
    assert_eq!(repaired.state, state);
}

#[tokio::test]
async fn left_behind_interfaces_go_before_the_subnet() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let subnet =
        bench.create("aws_subnet", &[("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))]).await;
    for (id, description) in
        [("eni-1", "AWS Lambda VPC ENI-f-1"), ("eni-2", "aws-K8S-i-1"), ("eni-3", "mine")]
    {
        let interface = crate::api::NetworkInterface {
            network_interface_id: id.into(),
            description: description.into(),
            status: "available".into(),
            ..crate::api::NetworkInterface::default()
        };
        bench.fake.world().interfaces.insert(id.into(), interface);
    }
    for _ in 0..3 {
        bench.fake.fail("DeleteSubnet", Fault::Refused("DependencyViolation"));
    }
    assert!(bench.delete("aws_subnet", &subnet).await.diagnostics.is_empty());
    assert_eq!(bench.fake.world().interfaces.keys().collect::<Vec<_>>(), ["eni-3"]);
}

#[tokio::test]
async fn stop_ends_waits_with_what_is_true() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let subnet = [("vpc_id", text(&vpc)), ("cidr_block", text("10.0.1.0/24"))];
    let subnet = id(&bench.create("aws_subnet", &subnet).await);
    let provider =
        AwsProvider::new(Arc::new(FakeConnector { fake: bench.fake.clone(), timer: Arc::new(StoppedTimer) }));
    let environment = conformance::environment(FilePath::new("/"));
    let region = object(&[("region", text("us-east-1"))]);
    let configured = conformance::configured(&provider, &region, environment).await.expect("configures");
    let slow = Bench { fake: bench.fake.clone(), provider, configured: configured.clone() };
    let attributes =
        [("ami", text("ami-1")), ("instance_type", text("t3.micro")), ("subnet_id", text(&subnet))];
    slow.fake.world().latency = usize::MAX;
    let config = slow.config("aws_instance", &attributes);
    let nothing = slow.nothing("aws_instance");
    let (response, ()) = tokio::join!(slow.apply("aws_instance", &nothing, &config), async {
        while slow.fake.calls("DescribeInstances") == 0 {
            tokio::task::yield_now().await;
        }
        configured.stop().await;
    });
    let message = response.diagnostics.iter().next().map(ToString::to_string).unwrap_or_default();
    assert!(message.contains("interrupted while waiting for EC2 Instance"), "{message}");
    assert_eq!(slow.fake.world().instances.keys().cloned().collect::<Vec<_>>(), [id(&response.state)]);
    assert!(response.state.is_wholly_known());
}

#[tokio::test]
async fn a_timeout_of_the_configuration_is_kept() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let subnet = [
        ("vpc_id", text(&vpc)),
        ("cidr_block", text("10.0.1.0/24")),
        ("timeouts", object(&[("delete", text("30s"))])),
    ];
    let subnet = bench.create("aws_subnet", &subnet).await;
    for _ in 0..1000 {
        bench.fake.fail("DeleteSubnet", Fault::Refused("DependencyViolation"));
    }
    let response = bench.delete("aws_subnet", &subnet).await;
    assert_eq!(response.state, subnet, "it is still there");
    let calls = bench.fake.calls("DeleteSubnet");
    assert!((5..20).contains(&calls), "{calls} calls in 30 seconds");
    let message = response.diagnostics.iter().next().map(ToString::to_string).unwrap_or_default();
    assert!(message.contains("Something that groma does not manage still uses the object"), "{message}");
}

#[tokio::test]
async fn an_unknown_region_plans_and_then_says_so() {
    let config = object(&[("region", Value::unknown(Type::String))]);
    let bench = Bench::with(config, Arc::new(VirtualTimer::default())).await;
    let config = bench.config("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]);
    let nothing = bench.nothing("aws_vpc");
    assert!(bench.plan("aws_vpc", &nothing, &config).await.diagnostics.is_empty());
    let response = bench.apply("aws_vpc", &nothing, &config).await;
    let message = response.diagnostics.iter().next().map(ToString::to_string).unwrap_or_default();
    assert!(message.starts_with("Provider configuration not known yet: region of the provider"), "{message}");
}

#[tokio::test]
async fn defaults_and_ignored_tags_come_from_the_provider_block() {
    let config = object(&[
        ("region", text("us-east-1")),
        ("default_tags", blocks(&[object(&[("tags", tags(&[("team", "net"), ("env", "dev")]))])])),
        ("ignore_tags", blocks(&[object(&[("key_prefixes", texts(&["kubernetes.io/"]))])])),
    ]);
    let bench = Bench::with(config, Arc::new(VirtualTimer::default())).await;
    let attributes = [("cidr_block", text("10.0.0.0/16")), ("tags", tags(&[("env", "prod")]))];
    let state = bench.create("aws_vpc", &attributes).await;
    let all = |state: &Value| crate::object::Object::new(state.clone()).map("tags_all");
    let expected: Tags = [("env", "prod"), ("team", "net")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    assert_eq!(all(&state), expected);
    let key = "kubernetes.io/cluster/a".to_owned();
    let _ = bench.fake.world().tags_of(&id(&state)).map(|t| t.insert(key, "owned".into()));
    assert_eq!(bench.read("aws_vpc", std::slice::from_ref(&state)).await, [state]);
}

#[tokio::test]
async fn configuration_errors_say_where() {
    let bench = Bench::new().await;
    let schema = bench.provider.schema();
    for (attributes, expected) in [
        (
            vec![("region", text("eu-cental-1"))],
            "Invalid AWS Region: \"eu-cental-1\" is not a known AWS region. Did you mean \"eu-central-1\"? For a \
             region newer than this version of groma, set skip_region_validation = true.",
        ),
        (
            vec![("retry_mode", text("eager"))],
            "Invalid provider configuration: expected retry_mode to be one of [\"standard\" \"adaptive\"], got eager",
        ),
        (
            vec![("assume_role", blocks(&[object(&[("duration", text("1h"))])]))],
            "Cannot assume IAM Role: IAM Role ARN not set: an assume_role block needs role_arn.",
        ),
    ] {
        let config = schema.provider.block.coerce(&object(&attributes)).expect("fits");
        let diagnostics = bench.provider.validate_provider(&config);
        assert_eq!(diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }
}

#[tokio::test]
async fn another_account_is_refused() {
    let fake = Arc::new(Fake::default());
    let timer = Arc::new(VirtualTimer::default());
    let provider = AwsProvider::new(Arc::new(FakeConnector { fake, timer }));
    let block = &provider.schema().provider.block;
    let config = block.coerce(&object(&[("allowed_account_ids", texts(&["210987654321"]))])).expect("fits");
    let environment = conformance::environment(FilePath::new("/"));
    let (configured, diagnostics) =
        provider.configure(ConfigureRequest { config, environment, version: "0.0.0".into() }).await;
    assert!(configured.is_none());
    assert!(diagnostics.iter().any(|d| d.summary == "AWS account ID not allowed"), "{diagnostics:?}");
}
