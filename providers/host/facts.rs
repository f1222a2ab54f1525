//! What a machine is: the attributes of `host_machine` and `data.host_facts`.

use provider::{Attribute, Block};
use value::{Type, Value};

use crate::failure::Result;
use crate::session::{Fields, Host, Script};

const SCRIPT: &str = include_str!("scripts/facts.sh");

const TEXTS: [(&str, &str); 9] = [
    ("os_id", "The operating system's `ID` of `/etc/os-release`, such as `debian`."),
    ("os_version", "Its `VERSION_ID`, such as `12`."),
    ("os_name", "Its `PRETTY_NAME`."),
    ("hostname", "What `/etc/hostname` says."),
    ("kernel", "The running kernel's release."),
    ("arch", "The architecture as Go and Kubernetes name it: `amd64`, `arm64`."),
    ("init", "What runs as process 1, such as `systemd`."),
    ("package_manager", "`apt`, `dnf`, `zypper` or `apk`."),
    ("machine_id", "What `/etc/machine-id` says: what makes it this machine and no other."),
];

const NUMBERS: [(&str, &str); 3] = [
    ("cpus", "How many processors it may use."),
    ("memory_bytes", "How much memory it has, in bytes."),
    ("cgroup_version", "1 or 2."),
];

/// Adds the attributes of all facts.
pub(crate) fn with_facts(block: Block) -> Block {
    let block = TEXTS.into_iter().fold(block, |block, (name, text)| {
        block.with(name, Attribute::computed(Type::String).described(text))
    });
    let block = NUMBERS.into_iter().fold(block, |block, (name, text)| {
        block.with(name, Attribute::computed(Type::Number).described(text))
    });
    let addresses = "The addresses of the machine itself, without those of bridges, tunnels and containers.";
    block.with("addresses", Attribute::computed(Type::list(Type::String)).described(addresses)).with(
        "disks",
        Attribute::computed(Type::list(disk_type())).described("Its disks, with their sizes in bytes."),
    )
}

/// The names of all facts.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().chain(&NUMBERS).map(|(name, _)| *name).chain(["addresses", "disks"])
}

fn disk_type() -> Type {
    Type::object([("name", Type::String), ("size_bytes", Type::Number)])
}

/// The object with all facts of the host set; those that cannot be told are null.
pub(crate) async fn gather(host: &Host, object: &Value) -> Result<Value> {
    let fields = host.must(Script::read(SCRIPT), "look at the machine").await?.fields();
    let greeting = host.greeting().await?;
    let mut object = object.clone();
    for (name, _) in TEXTS {
        let text = if name == "machine_id" {
            Some(greeting.machine.as_str()).filter(|id| !id.is_empty())
        } else {
            fields.text(name)
        };
        object = object.with_attr(name, text.map_or(Value::null(Type::String), Value::string_nfc));
    }
    for (name, _) in NUMBERS {
        let number = fields.text(name).and_then(|text| text.parse::<i64>().ok());
        object = object.with_attr(name, number.map_or(Value::null(Type::Number), Value::number));
    }
    let mut addresses: Vec<&str> = fields.all("address").collect();
    addresses.sort_unstable();
    let addresses = addresses.into_iter().map(Value::string_nfc).collect();
    Ok(object.with_attr("addresses", Value::list(Type::String, addresses)).with_attr("disks", disks(&fields)))
}

fn disks(fields: &Fields) -> Value {
    let disks = fields.all("disk").filter_map(|disk| {
        let (name, size) = disk.split_once(' ')?;
        let size: i64 = size.parse().ok()?;
        Some(Value::object_of([("name", Value::string_nfc(name)), ("size_bytes", Value::number(size))]))
    });
    Value::list(disk_type(), disks.collect())
}
