//! Changes that take from a host the address that it is reached at: where it answers afterwards, as who it is.

use std::net::IpAddr;

use provider::simple::Access;
use value::Value;

use super::SCRIPT;
use super::definition::Network;
use crate::addresses::Prefix;
use crate::connection::{Target, Way};
use crate::failure::Result;
use crate::session::{Fields, Host, Script};

/// Prints the addresses of the links that the arguments name and of the one that $mac is to give the name, apart those that a
/// server or router gave, those that they had before groma gave $name its settings, and the host's own keys.
const LOOK: &str = r#"
[ -z "$mac" ] || set -- "$@" "$(network_by_mac "$mac")"
for g_link in "$@"; do
  ip -o addr show dev "$g_link" 2>/dev/null |
    sed -e 's/^.* inet6\{0,1\} \([^ ]*\) .* dynamic.*/given=\1/' -e 's/^.* inet6\{0,1\} \([^ ]*\) .*/now=\1/'
done
for g_file in "$(found_at network "$name").kept" "$(found_at network "$name"):"*.kept; do
  [ ! -f "$g_file" ] || sed -n 's/^address [^ ]* \([^ ]*\).*/before=\1/p' "$g_file"
done
sed 's/^\([^ ]* [^ ]*\).*/key=\1/' /etc/ssh/ssh_host_*_key.pub 2>/dev/null
:
"#;

/// Where the host may be reached once a link is as planned (null: as it was found), if the address that it is reached at
/// goes from the link. It shows the keys that it has now: nobody may have written down yet who is there.
pub(super) async fn elsewhere(host: &Host, prior: &Value, planned: &Value) -> Result<Vec<Target>> {
    let Way::Ssh(target) = &host.way().way else { return Ok(Vec::new()) };
    let Ok(at) = target.address.parse::<IpAddr>() else { return Ok(Vec::new()) };
    let of = |object: &Value| if object.is_null() { Network::default() } else { Network::of(object) };
    let (was, network) = (of(prior), of(planned));
    let name = if planned.is_null() { was.name.clone() } else { network.name.clone() };
    let links = [name.as_str()].into_iter();
    let links = links.chain(was.kind.members().iter().chain(network.kind.members()).map(String::as_str));
    let look = Script::read(&format!("{SCRIPT}\n{LOOK}")).args(links).var("name", &name);
    let look = look.var("mac", network.match_mac.as_deref().unwrap_or_default());
    let found = host.must(look, "look at addresses").await?.fields();
    let stay = planned.flag("addresses_exclusive") == Some(false);
    let after = match planned.is_null() {
        true => addresses(found.all("before")),
        false => addresses(network.addresses.iter().map(String::as_str)),
    };
    let moves = Moves {
        at,
        now: addresses(found.all("now")),
        given: addresses(found.all("given")),
        had: addresses(was.addresses.iter().map(String::as_str)),
        after,
    };
    Ok(targets(target, &moves.addresses(stay), &found))
}

/// The addresses of links before and after a change.
struct Moves {
    /// Where the host is reached.
    at: IpAddr,
    now: Vec<IpAddr>,
    /// Those that a server or router gave: they go with who asked for them.
    given: Vec<IpAddr>,
    /// Those that groma gave.
    had: Vec<IpAddr>,
    after: Vec<IpAddr>,
}

impl Moves {
    /// Where else the host is reached afterwards, where `stay` says whether addresses of others stay.
    fn addresses(&self, stay: bool) -> Vec<IpAddr> {
        let stays = stay && !self.had.contains(&self.at);
        let goes = self.given.contains(&self.at) || (self.now.contains(&self.at) && !stays);
        if !goes || self.after.contains(&self.at) {
            return Vec::new();
        }
        self.after.iter().filter(|address| address.is_ipv4() == self.at.is_ipv4()).copied().collect()
    }
}

fn addresses<'a>(prefixes: impl Iterator<Item = &'a str>) -> Vec<IpAddr> {
    prefixes.filter_map(|text| Prefix::parse(text).map(|prefix| prefix.address)).collect()
}

/// As the connection and `known_hosts` say, or by the keys that the host has.
fn targets(target: &Target, addresses: &[IpAddr], found: &Fields) -> Vec<Target> {
    let keys: Vec<String> = found.all("key").map(str::to_owned).collect();
    let pinned = !target.host_keys.is_empty() || keys.is_empty();
    let ways = addresses.iter().flat_map(|address| {
        let there = Target { address: address.to_string(), ..target.clone() };
        let own = Target { host_keys: keys.clone(), ..there.clone() };
        std::iter::once(there).chain((!pinned).then_some(own))
    });
    ways.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_goes_is_looked_for_elsewhere() {
        let ip = |text: &str| text.parse().expect("is an address");
        let all = |texts: &[&str]| texts.iter().map(|text| ip(text)).collect::<Vec<IpAddr>>();
        for (now, given, had, after, stay, expected, why) in [
            (
                &["10.0.0.5"][..],
                &[][..],
                &[][..],
                &["10.0.0.7", "fd00::7"][..],
                false,
                &["10.0.0.7"][..],
                "it moves",
            ),
            (&["10.0.0.5"], &[], &["10.0.0.5"], &["10.0.0.7"], true, &["10.0.0.7"], "groma's own moves"),
            (&["10.0.0.5"], &[], &[], &["10.0.0.7"], true, &[], "others' addresses stay"),
            (&[], &["10.0.0.5"], &[], &["10.0.0.7"], true, &["10.0.0.7"], "what a server gave does not"),
            (&[], &["10.0.0.5"], &[], &["10.0.0.7"], false, &["10.0.0.7"], "nor where only ours are to be"),
            (&[], &["10.0.0.5"], &[], &["10.0.0.5"], true, &[], "what a server gave is given by groma"),
            (&["10.0.0.5"], &[], &["10.0.0.5"], &["10.0.0.5", "10.0.0.7"], false, &[], "it stays"),
            (&["10.9.0.5"], &[], &["10.9.0.5"], &["10.9.0.7"], false, &[], "it is on another link"),
            (&["10.0.0.5"], &[], &["10.0.0.5"], &["fd00::7"], false, &[], "there is none of its kind"),
        ] {
            let (now, given, had, after) = (all(now), all(given), all(had), all(after));
            let moves = Moves { at: ip("10.0.0.5"), now, given, had, after };
            assert_eq!(moves.addresses(stay), all(expected), "{why}");
        }
    }
}
