//! The keys that sign repositories: checked before they get onto a host, as a key that cannot be read stops all of apt.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::definition::Manager;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// Whether a text is a key of any kind that is known.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text.contains(PEM_BEGIN) { pem(text).map(|_| ()) } else { open_pgp(text).map(|_| ()) }
}

/// The content of the key's file for a package manager.
pub(super) fn file(manager: Manager, text: &str) -> Result<Vec<u8>, String> {
    match manager {
        Manager::Apt => open_pgp(text),
        Manager::Dnf | Manager::Zypper => open_pgp(text).map(|bytes| armour(&bytes).into_bytes()),
        Manager::Apk => pem(text).map(String::into_bytes),
    }
}

/// The key of a file as a text; the known text where it means the same.
pub(super) fn seen(manager: Manager, known: Option<&str>, bytes: &[u8]) -> String {
    if let Some(known) = known.filter(|known| file(manager, known).is_ok_and(|file| file == bytes)) {
        return known.to_owned();
    }
    match (manager, std::str::from_utf8(bytes)) {
        (Manager::Apt, _) | (_, Err(_)) => STANDARD.encode(bytes),
        (_, Ok(text)) => text.to_owned(),
    }
}

/// The packets of armoured blocks, or of base64.
fn open_pgp(text: &str) -> Result<Vec<u8>, String> {
    let bytes = if text.contains("-----BEGIN") {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("-----BEGIN") {
            if before.contains("-----") {
                return Err("it has a broken armour".into());
            }
            let body = after
                .strip_prefix(BEGIN.trim_start_matches("-----BEGIN"))
                .ok_or("a block of it is no public key (PGP PUBLIC KEY BLOCK)")?;
            let (block, after) = body.split_once(END).ok_or("its armour has no end")?;
            bytes.extend(dearmour(block)?);
            rest = after;
        }
        bytes
    } else {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        STANDARD.decode(compact).map_err(|_| "it is neither armoured nor base64")?
    };
    packets(&bytes)?;
    Ok(bytes)
}

/// What stands between the armour's lines: headers up to an empty line, base64, and a checksum.
fn dearmour(block: &str) -> Result<Vec<u8>, String> {
    let mut lines = block.lines().map(str::trim).skip(1).peekable();
    while lines.next_if(|line| line.contains(": ")).is_some() {}
    let (mut body, mut sum) = (String::new(), None);
    for line in lines.filter(|line| !line.is_empty()) {
        match line.strip_prefix('=') {
            Some(text) => sum = Some(text),
            None => body.push_str(line),
        }
    }
    let bytes = STANDARD.decode(body).map_err(|_| "what is between its lines is not base64")?;
    if let Some(sum) = sum {
        let expected = STANDARD.decode(sum).map_err(|_| "its checksum is not base64")?;
        if expected != crc24(&bytes).to_be_bytes()[1..] {
            return Err("its checksum is wrong: some of it is missing or changed".into());
        }
    }
    Ok(bytes)
}

fn armour(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<String> =
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let sum = STANDARD.encode(crc24(bytes).to_be_bytes().get(1..).unwrap_or_default());
    format!("{BEGIN}\n\n{}\n={sum}\n{END}\n", lines.join("\n"))
}

/// The checksum of armour (RFC 9580, 6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc: u32 = 0x00B7_04CE;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    crc & 0x00FF_FFFF
}

/// Goes over the packets: a public key first, then what belongs to one, all of it there.
fn packets(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes;
    let mut first = true;
    while let Some((&head, after)) = rest.split_first() {
        let cut = || "it ends in the middle".to_owned();
        if head & 0x80 == 0 {
            return Err("it is no OpenPGP key".into());
        }
        let (tag, length, body) = if head & 0x40 == 0 {
            let (length, body) = old_length(head & 3, after).ok_or_else(cut)?;
            ((head >> 2) & 15, length, body)
        } else {
            let (length, body) = new_length(after).ok_or_else(cut)?;
            (head & 63, length, body)
        };
        match tag {
            5 | 7 => return Err("it is a private key: only its public half belongs onto a host".into()),
            6 if first => {}
            6 | 2 | 12 | 13 | 14 | 17 if !first => {}
            _ => return Err("it is no OpenPGP public key".into()),
        }
        if (tag == 6 || tag == 14) && !matches!(body.first(), Some(3..=6)) {
            return Err("it is no OpenPGP public key".into());
        }
        first = false;
        rest = body.get(length..).ok_or_else(cut)?;
    }
    if first { Err("it is empty".into()) } else { Ok(()) }
}

/// A length of the old form, whose size the packet's head says.
fn old_length(kind: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let size = match kind {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return Some((bytes.len(), bytes)),
    };
    let (length, rest) = bytes.split_at_checked(size)?;
    Some((length.iter().fold(0, |sum, &byte| (sum << 8) | usize::from(byte)), rest))
}

/// A length of the new form; partial lengths are not for keys.
fn new_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=191 => Some((usize::from(first), rest)),
        192..=223 => {
            let (&second, rest) = rest.split_first()?;
            Some(((usize::from(first) - 192) * 256 + usize::from(second) + 192, rest))
        }
        255 => old_length(2, rest),
        _ => None,
    }
}

/// A PEM text in the form that it is written in.
fn pem(text: &str) -> Result<String, String> {
    let body =
        text.split_once(PEM_BEGIN).and_then(|(_, rest)| rest.split_once(PEM_END)).map(|(body, _)| body);
    let body = body.ok_or("it is no PEM text of a public key, as apk needs")?;
    let compact: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(compact).map_err(|_| "what is between its lines is not base64")?;
    if bytes.first() != Some(&0x30) {
        return Err("it is no public key".into());
    }
    Ok(format!("{}\n", text.trim()))
}

#[cfg(test)]
mod tests;
