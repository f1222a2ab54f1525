use ::plan::Mode;

use super::Fixture;

const CHAIN: &str = r#"
resource "test_thing" "a" { name = "a" }
resource "test_thing" "b" {
  count = 2
  name  = "b${count.index}"
  value = test_thing.a.id
}
resource "test_thing" "c" { value = test_thing.b[0].id }
resource "test_thing" "d" {}
output "a" { value = test_thing.a.id }
output "c" { value = test_thing.c.id }
"#;

#[tokio::test]
async fn a_target_brings_what_it_needs() {
    let mut f = Fixture::new(CHAIN);
    f.target("test_thing.b[1]");
    let run = f.apply().await;
    assert!(run.text().contains("Resource targeting is in effect"));
    assert_eq!(run.actions(), ["test_thing.a create", "test_thing.b[1] create"]);
    assert!(f.output("a").is_some());
    assert!(f.output("c").is_none());
    f.targets.clear();
    f.converge().await;
}

#[tokio::test]
async fn a_target_of_a_destruction_brings_what_needs_it() {
    let mut f = Fixture::new(CHAIN);
    f.converge().await;
    f.mode = Mode::Destroy;
    f.target("test_thing.b");
    let run = f.apply().await;
    assert_eq!(run.actions(), ["test_thing.b[0] delete", "test_thing.b[1] delete", "test_thing.c delete"]);
    assert_eq!(f.addresses(), ["test_thing.a", "test_thing.d"]);
}

#[tokio::test]
async fn only_targets_are_read() {
    let mut f = Fixture::new(CHAIN);
    f.converge().await;
    f.memory.clear_log();
    f.target("test_thing.d");
    f.plan().await;
    assert_eq!(f.memory.log().read_batches(), [1]);
}

#[tokio::test]
async fn a_target_may_be_removed_from_the_configuration() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" {}");
    f.converge().await;
    f.set("");
    f.target("test_thing.a");
    assert_eq!(f.apply().await.actions(), ["test_thing.a delete"]);
    assert_eq!(f.addresses(), ["test_thing.b"]);
}
