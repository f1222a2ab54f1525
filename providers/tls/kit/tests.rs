use std::time::{Duration, SystemTime};

use super::{Authority, Described, Key, Wanted, key_of_request};
use crate::certificate::{Issuer, RawName, Template, issue, request};
use crate::extensions::{self, Contents};
use crate::key::{Curve, Kind, PrivateKey, key_identifier};
use crate::names::name_of;
use crate::pem;

const HOUR: Duration = Duration::from_hours(1);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_979_289)
}

/// An authority's certificate and key in PEM.
fn authority(kind: Kind, name: &str) -> (String, String) {
    let key = PrivateKey::generate(kind).expect("is made");
    let public = key.public().and_then(|public| public.to_spki()).expect("has a public key");
    let subject = RawName::new(
        &name_of(|part| if part == "common_name" { vec![name] } else { vec![] }).expect("is one"),
    )
    .expect("is one");
    let contents = Contents {
        uses: vec!["cert_signing".into()],
        ca: Some(extensions::Authority { longest_path: None }),
        subject_key: Some(key_identifier(&public)),
        authority_key: None,
        names: vec![],
        names_critical: false,
    };
    let template = Template {
        subject: subject.clone(),
        key: public,
        not_before: now(),
        valid_for: HOUR * 100,
        extensions: contents.extensions().expect("are encoded"),
    };
    let issued = issue(template, &Issuer { name: subject, key: &key }).expect("is signed");
    (issued.pem, key.to_pem().expect("is written"))
}

#[test]
fn what_is_signed_says_what_was_wanted() {
    for kind in [
        Kind::Ec(Curve::P256),
        Kind::Ec(Curve::P384),
        Kind::Rsa(aws_lc_rs::rsa::KeySize::Rsa2048),
        Kind::Ed25519,
    ] {
        let (certificate, key) = authority(kind, "ca");
        let signer = |key: &str| Authority::new(&certificate).expect("is one").with_key(key);
        let authority_of = Authority::new(&certificate).expect("is one");
        let own = PrivateKey::generate(Kind::Ec(Curve::P256)).expect("is made");
        let asked = request(&vec![], &own, vec![]).expect("is signed");
        let public = key_of_request(&pem::encode(pem::CERTIFICATE_REQUEST, &asked)).expect("is its own");
        let wanted = Wanted {
            common_name: "system:node:a".into(),
            organizations: vec!["system:nodes".into(), "b".into()],
            dns_names: vec!["a.example".into()],
            ip_addresses: vec!["10.0.0.1".into(), "::1".into()],
            uses: vec!["digital_signature".into(), "server_auth".into()],
        };
        let issued =
            signer(&key).expect("is its own").issue(&wanted, &public, now(), HOUR * 10).expect("is signed");
        assert!(authority_of.signed(&issued.pem));
        let read = Described::read(&issued.pem).expect("is one");
        assert_eq!(read, issued.described);
        assert_eq!(read.subject, wanted.subject_text());
        let mut organizations = read.organizations.clone();
        organizations.sort_unstable();
        assert_eq!(
            (read.common_name.as_str(), organizations),
            ("system:node:a", vec!["b".into(), "system:nodes".to_owned()])
        );
        assert_eq!(
            (&read.dns_names, &read.ip_addresses, &read.uses),
            (&wanted.dns_names, &wanted.ip_addresses, &wanted.uses)
        );
        assert_eq!((read.issuer.as_str(), read.is_ca, read.has_other_names), ("CN=ca", false, false));
        assert_eq!(read.not_after - read.not_before, 36_000 + 300);
        assert_eq!(read.key_algorithm(), "ECDSA-P256");
        // Another authority of the same name did not sign it.
        let (namesake, other) = authority(kind, "ca");
        assert!(!Authority::new(&namesake).expect("is one").signed(&issued.pem));
        let error = signer(&other).err().expect("is another one's");
        assert_eq!(error, "the private key is not that of the certificate");
        let error = signer(&key)
            .expect("is its own")
            .issue(&wanted, &public, now(), HOUR * 101)
            .err()
            .expect("is too long");
        assert!(error.contains("longer than the certificate of the authority"), "{error}");
    }
}

#[test]
fn requests_of_others_keys_are_refused() {
    let keys = [Kind::Ec(Curve::P256); 2].map(|kind| PrivateKey::generate(kind).expect("is made"));
    let asked = request(&vec![], &keys[0], vec![]).expect("is signed");
    let other = keys[1].public().and_then(|public| public.to_der()).expect("is written");
    let own = keys[0].public().and_then(|public| public.to_der()).expect("is written");
    let at = asked.windows(own.len()).position(|part| part == own).expect("holds its key");
    let mut forged = asked.clone();
    forged[at..at + own.len()].copy_from_slice(&other);
    let error = key_of_request(&pem::encode(pem::CERTIFICATE_REQUEST, &forged)).expect_err("is forged");
    assert_eq!(error, "its signature is not that of its key");
}

#[test]
fn keys_are_written_and_read_again() {
    for kind in ["ECDSA-P256", "ECDSA-P384", "RSA-2048"] {
        let key = Key::generate(kind).expect("is made");
        let (pem, public) = (key.pem().expect("is written"), key.public().expect("has one"));
        let again = Key::read(&pem).expect("is one");
        assert_eq!(again.public().as_ref(), Ok(&public), "{kind}");
        let (certificate, own) = authority(Kind::Ec(Curve::P256), "ca");
        let signer = Authority::new(&certificate).and_then(|it| it.with_key(&own)).expect("is one");
        let issued = signer.issue(&Wanted::default(), &public, now(), HOUR).expect("is signed");
        assert_eq!((issued.described.key_algorithm(), issued.described.key), (kind.to_owned(), public));
    }
    assert!(Key::generate("DSA").is_err() && Key::read("-----BEGIN X-----").is_err());
}
