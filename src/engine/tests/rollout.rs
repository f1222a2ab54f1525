use provider::memory::{Fault, Operation as Call};

use super::Fixture;
use super::fixture::render;

fn config(value: &str, zone: &str, max: u32) -> String {
    format!(
        r#"
        resource "test_thing" "n" {{
          count = 5
          name  = "n${{count.index}}"
          value = "{value}"
          zone  = "{zone}"
          lifecycle {{ max_parallel = {max} }}
        }}
        "#
    )
}

#[tokio::test]
async fn at_most_so_many_change_at_once_in_key_order() {
    for max in [1_usize, 2] {
        let mut f = Fixture::new(&config("1", "1", u32::try_from(max).expect("small")));
        f.memory.fault(Call::Create, "", Fault::Delay(std::time::Duration::from_millis(2)));
        f.converge().await;
        let log = f.memory.log();
        assert_eq!(log.most_concurrent_changes(), max);
        assert_eq!(log.names(Call::Create), ["n0", "n1", "n2", "n3", "n4"]);
    }
}

#[tokio::test]
async fn replacements_roll_one_by_one() {
    let mut f = Fixture::new(&config("1", "1", 1));
    f.converge().await;
    f.memory.clear_log();
    f.set(&config("1", "2", 1));
    f.converge().await;
    let log = f.memory.log();
    assert!(log.ended_before((Call::Create, "n0"), (Call::Delete, "n1")));
    assert!(log.ended_before((Call::Create, "n3"), (Call::Delete, "n4")));
}

#[tokio::test]
async fn a_failure_stops_the_rest_with_one_finding() {
    let mut f = Fixture::new(&config("1", "1", 1));
    f.converge().await;
    f.memory.clear_log();
    f.set(&config("2", "1", 1));
    f.memory.fault(Call::Update, "n1", Fault::Fail("unhealthy".into()));
    let diagnostics = f.apply_any().await;
    let text = render(&diagnostics);
    assert_eq!(diagnostics.len(), 2, "{text}");
    assert!(
        text.contains(
            "3 further instances were left as they are: test_thing.n[2], test_thing.n[3], test_thing.n[4]"
        ),
        "{text}"
    );
    assert_eq!(f.memory.log().names(Call::Update), ["n0", "n1"]);
}

#[tokio::test]
async fn a_failure_stops_all_lanes_but_lets_a_replacement_finish() {
    let mut f = Fixture::new(&config("1", "1", 2));
    f.converge().await;
    f.memory.clear_log();
    f.set(&config("1", "2", 2));
    f.memory.fault(Call::Delete, "n1", Fault::Fail("in use".into()));
    f.memory.fault(Call::Delete, "n0", Fault::Delay(std::time::Duration::from_millis(20)));
    let text = render(&f.apply_any().await);
    assert!(text.contains("3 further instances were left as they are"), "{text}");
    assert_eq!(f.memory.log().names(Call::Create), ["n0"]);
    assert_eq!(f.addresses().len(), 5);
}

/// Two resources, one on the other, each with an instance a name; all instances know all names.
fn layers(names: &[&str], create_before_destroy: bool) -> String {
    let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let lifecycle =
        format!("lifecycle {{\n max_parallel = 1\n create_before_destroy = {create_before_destroy}\n }}");
    format!(
        r#"
        resource "test_thing" "below" {{
          for_each = toset([{names}])
          name     = "below-${{each.key}}"
          value    = join(",", [{names}])
          {lifecycle}
        }}
        resource "test_thing" "above" {{
          for_each   = toset([{names}])
          name       = "above-${{each.key}}"
          value      = join(",", [{names}])
          depends_on = [test_thing.below]
          {lifecycle}
        }}
        "#
    )
}

#[tokio::test]
async fn what_only_goes_goes_one_by_one_before_the_others_change() {
    for reverse in [false, true] {
        let mut f = Fixture::new(&layers(&["a", "b", "c"], reverse));
        f.converge().await;
        f.memory.clear_log();
        f.memory.fault(Call::Delete, "", Fault::Delay(std::time::Duration::from_millis(2)));
        f.set(&layers(&["a"], reverse));
        let run = f.converge().await;
        assert!(run.diagnostics.is_empty(), "{}", render(&run.diagnostics));
        let log = f.memory.log();
        assert_eq!(log.most_concurrent_changes(), 1);
        let (deleted, updated) = (log.names(Call::Delete), log.names(Call::Update));
        assert_eq!(deleted, ["above-c", "above-b", "below-c", "below-b"]);
        assert_eq!(updated, ["below-a", "above-a"]);
        let (first, second) = match reverse {
            false => ((Call::Delete, "below-b"), (Call::Update, "below-a")),
            true => ((Call::Update, "above-a"), (Call::Delete, "below-c")),
        };
        assert!(log.ended_before(first, second), "create_before_destroy = {reverse}");
    }
}

#[tokio::test]
async fn what_goes_below_goes_before_what_is_above_changes() {
    let above = |value: &str| {
        format!(
            "resource \"test_thing\" \"above\" {{\n name = \"above\"\n value = \"{value}\"\n depends_on = [test_thing.n]\n lifecycle {{\n max_parallel = 1\n }}\n}}"
        )
    };
    let mut f = Fixture::new(&(config("1", "1", 1) + &above("1")));
    f.converge().await;
    f.memory.clear_log();
    f.set(&(config("1", "1", 1).replace("count = 5", "count = 3") + &above("2")));
    let run = f.converge().await;
    assert!(run.diagnostics.is_empty(), "{}", render(&run.diagnostics));
    assert!(f.memory.log().ended_before((Call::Delete, "n4"), (Call::Update, "above")));
}

#[tokio::test]
async fn a_removal_that_fails_stops_the_rest() {
    let mut f = Fixture::new(&layers(&["a", "b", "c"], false));
    f.converge().await;
    f.memory.clear_log();
    f.set(&layers(&["a"], false));
    f.memory.fault(Call::Delete, "above-c", Fault::Fail("no quorum".into()));
    let text = render(&f.apply_any().await);
    assert!(text.contains("2 further instances were left as they are"), "{text}");
    assert_eq!(f.memory.log().names(Call::Delete), ["above-c"]);
    assert!(f.memory.log().names(Call::Update).is_empty());
}

/// Two resources, one on the other, beside a third; what has another zone is replaced.
fn beside(below: &[&str], zones: [&str; 3], lifecycle: &str) -> String {
    let names = below.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let [below, above, fleet] = zones;
    format!(
        r#"
        resource "test_thing" "below" {{
          for_each = toset([{names}])
          name     = "below-${{each.key}}"
          zone     = "{below}"
          lifecycle {{
            max_parallel = 1
            {lifecycle}
          }}
        }}
        resource "test_thing" "above" {{
          count      = 2
          name       = "above-${{count.index}}"
          zone       = "{above}"
          depends_on = [test_thing.below]
          lifecycle {{
            max_parallel = 1
            {lifecycle}
          }}
        }}
        resource "test_thing" "fleet" {{
          count = 3
          name  = "fleet-${{count.index}}"
          zone  = "{fleet}"
          lifecycle {{ max_parallel = 1 }}
        }}
        "#
    )
}

fn is_serial(log: &provider::memory::Log, names: &[&str], first: Call, then: Call) -> bool {
    let one_by_one = names.windows(2).all(|pair| log.ended_before((then, pair[0]), (first, pair[1])));
    one_by_one && names.iter().all(|name| log.ended_before((first, name), (then, name)))
}

#[tokio::test]
async fn what_goes_below_goes_after_what_is_above_was_replaced_one_by_one() {
    for create_before_destroy in [false, true] {
        let lifecycle = format!("create_before_destroy = {create_before_destroy}");
        let mut f = Fixture::new(&beside(&["old"], ["1", "1", "1"], &lifecycle));
        f.converge().await;
        f.memory.clear_log();
        f.set(&beside(&["new"], ["1", "2", "2"], &lifecycle));
        let run = f.converge().await;
        assert!(run.diagnostics.is_empty(), "{}", render(&run.diagnostics));
        let log = f.memory.log();
        let (first, then) = match create_before_destroy {
            false => (Call::Delete, Call::Create),
            true => (Call::Create, Call::Delete),
        };
        assert!(is_serial(&log, &["above-0", "above-1"], first, then), "{lifecycle}");
        assert!(is_serial(&log, &["fleet-0", "fleet-1", "fleet-2"], Call::Delete, Call::Create));
        assert!(log.ended_before((Call::Create, "below-new"), (Call::Create, "above-0")));
        assert!(log.ended_before((then, "above-1"), (Call::Delete, "below-old")));
    }
}

#[tokio::test]
async fn only_what_cannot_be_serial_is_not() {
    let mut f = Fixture::new(&beside(&["a", "b"], ["1", "1", "1"], ""));
    f.converge().await;
    f.memory.clear_log();
    f.memory.fault(Call::Delete, "", Fault::Delay(std::time::Duration::from_millis(2)));
    f.set(&beside(&["a", "b"], ["2", "2", "2"], ""));
    let run = f.plan().await;
    let said = render(&run.diagnostics);
    assert_eq!(run.diagnostics.len(), 1, "{said}");
    assert!(said.contains("in which the instances of test_thing.above change one after the other"), "{said}");
    f.apply_plan(run.plan).await;
    f.expect_empty().await;
    let log = f.memory.log();
    assert!(is_serial(&log, &["fleet-0", "fleet-1", "fleet-2"], Call::Delete, Call::Create));
    assert!(is_serial(&log, &["below-a", "below-b"], Call::Delete, Call::Create));
    for call in [Call::Delete, Call::Create] {
        assert!(log.ended_before((call, "above-0"), (call, "above-1")), "{call:?}");
    }
    assert!(log.ended_before((Call::Delete, "above-1"), (Call::Create, "above-0")));
}

/// What is given up is looked for by halves: many rollouts that can be serial cost nothing.
#[tokio::test]
async fn one_that_cannot_be_serial_costs_the_many_nothing() {
    let fleet = |zone: &str| -> String {
        let one = |at| {
            format!(
                "resource \"test_thing\" \"f{at}\" {{\n count = 2\n name = \"f{at}-${{count.index}}\"\n zone = \"{zone}\"\n lifecycle {{\n max_parallel = 1\n }}\n}}\n"
            )
        };
        (0..20).map(one).collect()
    };
    let mut f = Fixture::new(&(beside(&["a", "b"], ["1", "1", "1"], "") + &fleet("1")));
    f.converge().await;
    f.memory.clear_log();
    f.set(&(beside(&["a", "b"], ["2", "2", "2"], "") + &fleet("2")));
    let run = f.plan().await;
    assert_eq!(run.diagnostics.len(), 1, "{}", render(&run.diagnostics));
    f.apply_plan(run.plan).await;
    let log = f.memory.log();
    for at in 0..20 {
        let names = [format!("f{at}-0"), format!("f{at}-1")];
        assert!(is_serial(&log, &[&names[0], &names[1]], Call::Delete, Call::Create), "{at}");
    }
}
