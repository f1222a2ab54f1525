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
