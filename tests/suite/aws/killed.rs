use std::time::{Duration, Instant};

use super::moto::Moto;
use super::{emulator, provider};
use crate::harness::Sandbox;

/// Something of everything, small.
const NETWORK: &str = r#"
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "g" {
  vpc_id = aws_vpc.v.id
}

resource "aws_subnet" "s" {
  count      = 3
  vpc_id     = aws_vpc.v.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}

resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
}

resource "aws_route" "r" {
  route_table_id         = aws_route_table.t.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.g.id
}

resource "aws_route_table_association" "a" {
  count          = 3
  subnet_id      = aws_subnet.s[count.index].id
  route_table_id = aws_route_table.t.id
}

resource "aws_security_group" "sg" {
  name   = "killed"
  vpc_id = aws_vpc.v.id
}

resource "aws_vpc_security_group_ingress_rule" "in" {
  count             = 3
  security_group_id = aws_security_group.sg.id
  ip_protocol       = "tcp"
  from_port         = 8000 + count.index
  to_port           = 8000 + count.index
  cidr_ipv4         = "10.0.0.0/8"
}

resource "tls_private_key" "k" {
  algorithm = "ED25519"
}

resource "aws_key_pair" "k" {
  key_name   = "killed"
  public_key = tls_private_key.k.public_key_openssh
}

data "aws_ami" "any" {
  most_recent = true
  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

resource "aws_instance" "i" {
  count         = 2
  ami           = data.aws_ami.any.id
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.s[0].id
  key_name      = aws_key_pair.k.key_name
}
"#;

/// Killed at 50 moments of an apply: whatever was answered is known, nothing is ever made twice, and the next runs
/// complete it alone.
#[test]
fn a_killed_apply_never_makes_anything_twice() {
    let Some(mut moto) = emulator("the killed applies") else { return };
    let config = format!("{}{NETWORK}", provider(&moto.url()));
    let (expected, whole) = undisturbed(&mut moto, &config);
    let mut random = Random(SEED);
    for round in 0..ROUNDS {
        moto.reset();
        let sandbox = Sandbox::with_config(&config);
        let after = Duration::from_millis(random.below(u64::try_from(whole.as_millis()).unwrap_or(10_000)));
        let running = sandbox.start_groma(&["apply", "-auto-approve"]);
        std::thread::sleep(after);
        running.kill();
        let about = format!("round {round} of seed {SEED}, killed after {after:?}");
        let said = until_clean(&sandbox, &about);
        assert_eq!(moto.counts(), expected, "{about}\n{said}");
        let args = ["plan", "-detailed-exitcode"];
        let plan = sandbox.groma(&args);
        assert_eq!(plan.code, Some(0), "{about}\n{said}\n{}{}", plan.stdout, plan.stderr);
    }
}

/// What there is after an apply that nobody disturbs, and how long it takes.
fn undisturbed(moto: &mut Moto, config: &str) -> (serde_json::Value, Duration) {
    moto.reset();
    let sandbox = Sandbox::with_config(config);
    let start = Instant::now();
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let whole = start.elapsed();
    let counts = moto.counts();
    assert_eq!(counts["groma's tags"], 0, "marks are left on what was made");
    (counts, whole)
}

/// Runs apply until it succeeds, and returns what was said. Nobody helps.
fn until_clean(sandbox: &Sandbox, about: &str) -> String {
    let mut said = String::new();
    for _ in 0..2 {
        let outcome = sandbox.groma(&["apply", "-auto-approve"]);
        said.push_str(&format!("{}{}", outcome.stdout, outcome.stderr));
        if outcome.code == Some(0) {
            return said;
        }
    }
    panic!("{about}: the next runs do not complete it\n{said}");
}

/// A small generator (splitmix64), so that a seed names the moments.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

const ROUNDS: u32 = 50;
const SEED: u64 = 20_26;
