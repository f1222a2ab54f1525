use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{folder, object, root, text};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn reboots_conform() {
    let folder = folder();
    let plain = object([("host", root(&folder.path().join("h")))]);
    let with = |name: &str, value: Value| plain.with_attr(name, value);
    let case = Case::new("host_reboot", plain.clone())
        .state_only()
        .import_made(by_key, &[])
        .update(with("triggers", object([("kernel", text("1"))])))
        .update(with("triggers", object([("kernel", text("2"))])))
        .update(with("if_required", Value::bool(true)))
        .replace(with("name", text("second")))
        .refuses(with("timeout", text("soon")), "timeout");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[case]).await;
    assert!(report.is_ok(), "{report}");
}
