//! Reading a link: what its files say, and what is really so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use value::Value;

use super::definition::{Bond, Kind, Network};
use super::live::{Live, Scope};
use super::{LOOK, SCRIPT, change, files};
use crate::connection::Way;
use crate::failure::Result;
use crate::guard;
use crate::session::{Fields, Host};

/// The link as it is, null if there is none or it is not groma's any longer.
pub(super) async fn read(host: &Host, current: &Value) -> Result<Value> {
    let known = Network::of(current);
    let script = guard::look(&format!("{SCRIPT}\n{LOOK}"));
    let variables = change::variables(Some(&known), None, current);
    let script = variables.into_iter().fold(script, |script, (name, value)| script.var(name, value));
    let fields = host.must(script, &format!("look at the link {}", known.name)).await?.fields();
    let runs = !matches!(host.connection().way, Way::Root(_));
    let Some(seen) = seen(&fields, current, &known, runs) else { return Ok(Value::null(current.ty())) };
    let object = match current.is_unset("addresses_exclusive") {
        true => current.with_attr("addresses_exclusive", Value::bool(true)),
        false => current.clone(),
    };
    Ok(guard::filled(&seen.shown(&object, &known)))
}

fn seen(fields: &Fields, current: &Value, known: &Network, runs: bool) -> Option<Network> {
    // After an import, nothing but the name is known.
    let imported = current.is_unset("dhcp4");
    let live = Live::parse(fields);
    let file = part(fields, "network");
    if file.is_none() && (!runs || fields.get("recorded").is_some()) {
        return None;
    }
    let is = live.kind(&known.name);
    if runs && (is.is_none() || (!imported && is.as_ref().map(Kind::name) != Some(known.kind.name()))) {
        return None;
    }
    let said = match &file {
        Some(file) => said(fields, file, known, imported, is),
        None if imported => managed(fields, known, is),
        None => known.clone(),
    };
    if !runs {
        return Some(said);
    }
    let scope = match (imported, current.flag("addresses_exclusive")) {
        (true, _) => Scope::All,
        (false, Some(false)) => Scope::Listed,
        (false, _) => Scope::Exclusive,
    };
    let really = live.seen(&said, scope);
    Some(if imported { really } else { changed_last(&said, &really, known) })
}

/// What our own files say.
fn said(fields: &Fields, file: &str, known: &Network, imported: bool, is: Option<Kind>) -> Network {
    let netdev = part(fields, "netdev").unwrap_or_default();
    let kind = if imported { is.unwrap_or_else(|| kind_of(&netdev, fields)) } else { known.kind.clone() };
    let mut said = files::parse_network(&known.name, &kind, file);
    (said.kind, said.netdev_settings) = files::parse_netdev(&known.name, &kind, &netdev);
    said.match_mac.clone_from(&known.match_mac);
    if imported {
        let naming = part(fields, "link").unwrap_or_default();
        let mac = naming.lines().find_map(|line| line.strip_prefix("PermanentMACAddress="));
        said.match_mac = mac.map(str::to_ascii_lowercase);
        return said;
    }
    for link in fields.all("wrong") {
        if link == files::NAMING {
            said.match_mac = None;
        } else if link != known.name {
            said.kind.lose(link);
        }
    }
    if said == *known {
        let (network, settings) = files::texts(known);
        said.settings.push_str(&files::missing(&network, file));
        said.netdev_settings.push_str(&files::missing(&settings, &netdev));
    }
    said
}

/// What the file of others says by which systemd-networkd manages a link that is imported.
fn managed(fields: &Fields, known: &Network, is: Option<Kind>) -> Network {
    let kind = is.unwrap_or_default();
    let text = part(fields, "managed").unwrap_or_default();
    let said = files::parse_network(&known.name, &kind, &text);
    Network { settings: String::new(), required_for_online: None, mac: None, ..said }
}

/// What files make that no host runs by: the `.netdev` file, with those that tie other links to it.
fn kind_of(netdev: &str, fields: &Fields) -> Kind {
    let owned = |name| fields.get(name).map(str::to_owned);
    let members = fields.all("member").map(str::to_owned).collect();
    match netdev.lines().find_map(|line| line.strip_prefix("Kind=")) {
        Some("vlan") => Kind::Vlan { id: None, parent: owned("tied") },
        Some("bridge") => Kind::Bridge { members, stp: None },
        Some("bond") => Kind::Bond(Bond { members, primary: owned("primary"), ..Bond::default() }),
        _ => Kind::Physical,
    }
}

/// What is other than known: as the files say it, else as it really is.
fn changed_last(said: &Network, really: &Network, known: &Network) -> Network {
    macro_rules! of {
        ($($field:ident),*) => {
            Network {
                $($field: if said.$field == known.$field { really.$field.clone() } else { said.$field.clone() },)*
            }
        };
    }
    of!(
        name,
        kind,
        match_mac,
        mac,
        addresses,
        gateway4,
        gateway6,
        dhcp4,
        dhcp6,
        accept_ra,
        routes,
        dns,
        domains,
        mtu,
        required_for_online,
        settings,
        netdev_settings
    )
}

fn part(fields: &Fields, name: &str) -> Option<String> {
    let bytes = STANDARD.decode(fields.get(name)?).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
