use super::*;

/// A public key made for these tests.
const KEY: &str = include_str!("test.asc");

/// The public half of an RSA key's beginning is enough to be taken for one.
const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJB\n-----END PUBLIC KEY-----\n";

#[test]
fn keys_are_read_in_all_forms() {
    let bytes = file(Manager::Apt, KEY).expect("is a key");
    let base64 = STANDARD.encode(&bytes);
    assert_eq!(file(Manager::Apt, &base64).as_ref(), Ok(&bytes), "base64");
    assert_eq!(file(Manager::Apt, &format!("\n{KEY}\n")).as_ref(), Ok(&bytes), "with blank lines");
    let twice = file(Manager::Apt, &format!("{KEY}{KEY}")).expect("are two keys");
    assert_eq!(twice.len(), 2 * bytes.len(), "two blocks");
    let armoured = String::from_utf8(file(Manager::Dnf, &base64).expect("is a key")).expect("is text");
    assert_eq!(file(Manager::Apt, &armoured).as_ref(), Ok(&bytes), "what we armour can be read");
    assert_eq!(seen(Manager::Apt, Some(KEY), &bytes), KEY, "the known text stays");
    assert_eq!(seen(Manager::Apt, None, &bytes), base64);
    assert_eq!(file(Manager::Apk, PEM), Ok(PEM.as_bytes().to_vec()));
}

#[test]
fn what_is_no_key_is_refused_with_the_reason() {
    let bytes = file(Manager::Apt, KEY).expect("is a key");
    let cut = STANDARD.encode(&bytes[..bytes.len() - 1]);
    let line = KEY.lines().find(|line| line.len() == 64).expect("has a whole line");
    let changed = KEY.replacen(line, &line.chars().rev().collect::<String>(), 1);
    let mut private = bytes.clone();
    private[0] = 0x80 | (5 << 2) | (private[0] & 3);
    let private = STANDARD.encode(private);
    let rows = [
        ("", "empty"),
        ("no key", "neither armoured nor base64"),
        ("bm8ga2V5", "no OpenPGP key"),
        (cut.as_str(), "ends in the middle"),
        (changed.as_str(), "checksum is wrong"),
        (private.as_str(), "private key"),
        (&KEY.replace(END, ""), "no end"),
        ("-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----", "no public key"),
    ];
    for (text, reason) in rows {
        let said = check(text).expect_err(reason);
        assert!(said.contains(reason), "{said:?} does not say {reason:?}");
    }
    assert!(file(Manager::Apk, KEY).is_err(), "apk's keys are of another form");
    assert!(file(Manager::Apt, PEM).is_err());
}
