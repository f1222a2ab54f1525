//! Networks: `cidrhost`, `cidrnetmask`, `cidrsubnet`, `cidrsubnets`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use value::{Number, Type, Value};

use super::table::{Call, Core, function, whole};
use super::text::text;
use super::{FunctionError, Parameter};

/// The most bits that one `cidrsubnets` prefix is extended by.
const MAX_NEW_BITS: i64 = 32;

pub(super) fn functions() -> Vec<Core> {
    let prefix = || {
        Parameter::new("prefix", Type::String)
            .about("A network in CIDR notation, as RFC 4632 section 3.1 defines it.")
    };
    let number = |name: &'static str, about: &'static str| Parameter::new(name, Type::Number).about(about);
    vec![
        function("cidrhost", "Gives the address of a host in a network.")
            .with(prefix())
            .with(number("hostnum", "The number of the host; negative ones count from the end."))
            .returns(Type::String, cidrhost),
        function("cidrnetmask", "Gives the netmask of an IPv4 network.")
            .with(prefix())
            .returns(Type::String, cidrnetmask),
        function("cidrsubnet", "Gives a subnet of a network.")
            .with(prefix())
            .with(number("newbits", "How many bits to extend the prefix by."))
            .with(number("netnum", "The number of the subnet, which must fit into the new bits."))
            .returns(Type::String, cidrsubnet),
        function("cidrsubnets", "Gives consecutive subnets of a network.")
            .with(prefix())
            .variadic(Parameter::new("newbits", Type::Number))
            .returns(Type::list(Type::String), cidrsubnets),
    ]
}

/// A network: its first address, as a number, and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: u128,
    prefix: u32,
    /// Bits of an address: 32 or 128.
    width: u32,
}

fn cidrhost(call: &Call<'_>) -> Result<Value, FunctionError> {
    let number = call.number(1)?;
    if !number.is_integer() {
        return Err(FunctionError::new("value must be a whole number"));
    }
    let network = Network::parse(call.str(0)?)?;
    let last = low_bits(network.width - network.prefix);
    let too_far = |shown: String| {
        let message = format!("prefix of {} does not accommodate a host numbered {shown}", network.prefix);
        FunctionError::new(message)
    };
    let host = if number.is_negative() {
        // -1 is the last host.
        let back = to_u128(&number.abs()).map(|n| n - 1);
        back.and_then(|back| last.checked_sub(back)).ok_or_else(|| {
            let shown = Number::parse(&last.to_string())
                .and_then(|last| last.add(number))
                .and_then(|n| n.add(&Number::ONE));
            too_far(shown.map_or_else(|_| number.to_string(), |n| n.to_string()))
        })?
    } else {
        to_u128(number).filter(|host| *host <= last).ok_or_else(|| too_far(number.to_string()))?
    };
    Ok(text(Network { address: network.address | host, ..network }.ip().to_string()))
}

fn cidrnetmask(call: &Call<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.str(0)?)?;
    if network.width != 32 {
        let message = format!("IPv6 addresses cannot have a netmask: {}", call.str(0)?);
        return Err(FunctionError::new(message));
    }
    Ok(text(Network { address: network.mask(), ..network }.ip().to_string()))
}

fn cidrsubnet(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (bits, number) = (call.int(1)?, call.number(2)?);
    if !number.is_integer() {
        return Err(FunctionError::new("value must be a whole number"));
    }
    let network = Network::parse(call.str(0)?)?;
    let prefix = i64::from(network.prefix).saturating_add(bits);
    let prefix = u32::try_from(prefix).ok().filter(|prefix| *prefix <= network.width).ok_or_else(|| {
        let message = format!("insufficient address space to extend prefix of {} by {bits}", network.prefix);
        FunctionError::new(message)
    })?;
    let most = low_bits(prefix.saturating_sub(network.prefix));
    let subnet = to_u128(number).filter(|n| *n <= most).ok_or_else(|| {
        let message = format!("prefix extension of {bits} does not accommodate a subnet numbered {number}");
        FunctionError::new(message)
    })?;
    let shifted = subnet.checked_shl(network.width - prefix).unwrap_or(0);
    Ok(text(Network { address: network.address | shifted, prefix, ..network }.to_string()))
}

fn cidrsubnets(call: &Call<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.str(0)?).map_err(|e| e.of_argument(0))?;
    let mut subnets: Vec<Value> = Vec::new();
    let mut previous: Option<Network> = None;
    for at in 1..call.arguments.len() {
        let blame = |message: String| FunctionError::argument(at, message);
        let bits = whole(call.number(at)?).map_err(|e| e.of_argument(at))?;
        if bits < 1 {
            return Err(blame("must extend prefix by at least one bit".to_owned()));
        }
        let bits = u32::try_from(bits).ok().filter(|bits| i64::from(*bits) <= MAX_NEW_BITS);
        let bits =
            bits.ok_or_else(|| blame(format!("may not extend prefix by more than {MAX_NEW_BITS} bits")))?;
        let prefix = network.prefix + bits;
        if prefix > network.width {
            let protocol = if network.width == 32 { "IPv4" } else { "IPv6" };
            let message =
                format!("would extend prefix to {prefix} bits, which is too long for an {protocol} address");
            return Err(blame(message));
        }
        let next = network.subnet_after(previous, prefix).ok_or_else(|| {
            let after = previous.unwrap_or(network);
            blame(format!(
                "not enough remaining address space for a subnet with a prefix of {prefix} bits after {after}"
            ))
        })?;
        subnets.push(text(next.to_string()));
        previous = Some(next);
    }
    Ok(Value::list(Type::String, subnets))
}

impl Network {
    /// Reads CIDR notation. Octets may have leading zeros, which do not make them octal.
    fn parse(cidr: &str) -> Result<Self, FunctionError> {
        let invalid = || FunctionError::new(format!("invalid CIDR expression: invalid CIDR address: {cidr}"));
        let (address, prefix) = cidr.split_once('/').ok_or_else(invalid)?;
        if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let (address, width) = match parse_v4(address) {
            Some(v4) => (u128::from(v4.to_bits()), 32),
            None => (address.parse::<Ipv6Addr>().map_err(|_| invalid())?.to_bits(), 128),
        };
        let prefix = prefix.parse::<u32>().ok().filter(|prefix| *prefix <= width).ok_or_else(invalid)?;
        let network = Self { address, prefix, width };
        Ok(Self { address: address & network.mask(), ..network })
    }

    fn mask(self) -> u128 {
        low_bits(self.width) & !low_bits(self.width - self.prefix)
    }

    fn last(self) -> u128 {
        self.address | low_bits(self.width - self.prefix)
    }

    /// The first subnet of a prefix length after another one, or at the beginning; `None` if it is not in this network.
    fn subnet_after(self, previous: Option<Self>, prefix: u32) -> Option<Self> {
        let size = low_bits(self.width - prefix).checked_add(1)?;
        let start = match previous {
            None => self.address,
            Some(previous) => previous.last().checked_add(1)?,
        };
        let aligned = start.checked_add(size - 1)? & !(size - 1);
        (aligned <= self.last()).then_some(Self { address: aligned, prefix, ..self })
    }

    fn ip(self) -> IpAddr {
        match u32::try_from(self.address) {
            Ok(bits) if self.width == 32 => IpAddr::V4(Ipv4Addr::from_bits(bits)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(self.address)),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip(), self.prefix)
    }
}

fn parse_v4(address: &str) -> Option<Ipv4Addr> {
    let octets = address
        .split('.')
        .map(|octet| {
            let plain = !octet.is_empty() && octet.len() <= 16 && octet.bytes().all(|b| b.is_ascii_digit());
            octet.parse::<u8>().ok().filter(|_| plain)
        })
        .collect::<Option<Vec<u8>>>()?;
    <[u8; 4]>::try_from(octets).ok().map(Ipv4Addr::from)
}

/// A number with so many low bits set.
fn low_bits(bits: u32) -> u128 {
    1u128.checked_shl(bits).map_or(u128::MAX, |n| n - 1)
}

fn to_u128(number: &Number) -> Option<u128> {
    match number.to_u64() {
        Some(small) => Some(u128::from(small)),
        None => number.to_radix(10)?.parse().ok(),
    }
}
