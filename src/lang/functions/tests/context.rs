//! Functions whose answers depend on the time, on chance, or on who runs them.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use value::{Type, Value};

use super::super::{CallContext, invoke, lookup};

fn call(context: &CallContext, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let function = lookup(name).expect("the function exists");
    invoke(function, context, arguments).map_err(|e| e.message)
}

fn applying() -> CallContext {
    let moment = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
    CallContext { now: moment(1_700_000_000), plan_time: moment(951_782_400), ..CallContext::new("/work") }
}

fn text(value: Result<Value, String>) -> String {
    value.expect("the call succeeds").as_str().expect("it gives a string").to_string()
}

#[test]
fn times_are_utc_to_the_second() {
    assert_eq!(text(call(&applying(), "timestamp", &[])), "2023-11-14T22:13:20Z");
    assert_eq!(text(call(&applying(), "plantimestamp", &[])), "2000-02-29T00:00:00Z");
}

#[test]
fn what_differs_each_time_is_unknown_but_not_null_while_planning() {
    let planning = CallContext::new("/work");
    for (name, arguments) in
        [("timestamp", vec![]), ("uuid", vec![]), ("bcrypt", vec![Value::string("secret")])]
    {
        let value = call(&planning, name, &arguments).expect("the call succeeds");
        assert!(!value.is_known() && value.is_definitely_not_null(), "{name}: {value:?}");
        assert_eq!(value.ty(), Type::String);
    }
}

#[test]
fn uuids_are_random() {
    let uuid = || text(call(&applying(), "uuid", &[]));
    let (one, two) = (uuid(), uuid());
    assert_ne!(one, two);
    assert_eq!(one.len(), 36);
    assert_eq!(one.as_bytes()[14], b'4');
}

#[test]
fn bcrypt_hashes_verify() {
    let hash = text(call(&applying(), "bcrypt", &[Value::string("secret"), Value::number(4)]));
    assert!(hash.starts_with("$2a$04$"), "{hash}");
    assert!(bcrypt::verify("secret", &hash).expect("the hash is well-formed"));
    assert!(!bcrypt::verify("other", &hash).expect("the hash is well-formed"));
    let default = text(call(&applying(), "bcrypt", &[Value::string("secret")]));
    assert!(default.starts_with("$2a$10$"), "{default}");
    let long = call(&applying(), "bcrypt", &[Value::string("x".repeat(73))]);
    assert_eq!(
        long,
        Err("error occured generating password bcrypt: password length exceeds 72 bytes".to_owned())
    );
}

#[test]
fn gzip_can_be_undone() {
    let original = "hello ".repeat(1000);
    let packed = text(call(&applying(), "base64gzip", &[Value::string(original.as_str())]));
    let packed = STANDARD.decode(packed).expect("it is Base64");
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).expect("it is gzip");
    assert_eq!(unpacked, original);
    // No time and no name in the header: the same string always gives the same.
    assert_eq!(&packed[3..8], &[0; 5]);
}

#[test]
fn the_home_folder_replaces_a_tilde() {
    let context = CallContext { home: Some(PathBuf::from("/home/user")), ..applying() };
    for (path, expected) in
        [("~", "/home/user"), ("~/", "/home/user"), ("~/a/../b", "/home/user/b"), ("a~", "a~"), ("/~", "/~")]
    {
        assert_eq!(text(call(&context, "pathexpand", &[Value::string(path)])), expected);
    }
    let nobody = call(&applying(), "pathexpand", &[Value::string("~")]);
    assert_eq!(nobody, Err("cannot find the home folder".to_owned()));
}

#[test]
fn relative_paths_become_absolute_against_the_current_folder() {
    let path = text(call(&applying(), "abspath", &[Value::string("a/../b")]));
    assert!(path.starts_with('/') && path.ends_with("/b") && !path.contains(".."), "{path}");
}

#[test]
fn rsa_decrypts_with_keys_of_both_forms() {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeySize, Pkcs1PublicEncryptingKey, PrivateDecryptingKey};

    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key is made");
    let public = Pkcs1PublicEncryptingKey::new(key.public_key()).expect("its public part is usable");
    let mut ciphertext = vec![0; public.ciphertext_size()];
    let ciphertext = public.encrypt(b"hello rsa", &mut ciphertext).expect("it fits");
    let ciphertext = Value::string(STANDARD.encode(ciphertext));

    let pkcs8: Pkcs8V1Der<'_> = key.as_der().expect("it can be written");
    // The envelope of PKCS #8 is 26 bytes for a key of this size.
    let pkcs1 = pem("RSA PRIVATE KEY", &pkcs8.as_ref()[26..]);
    let pkcs8 = pem("PRIVATE KEY", pkcs8.as_ref());
    for key in [pkcs1.as_str(), pkcs8.as_str()] {
        let plain = call(&applying(), "rsadecrypt", &[ciphertext.clone(), Value::string(key)]);
        assert_eq!(text(plain), "hello rsa");
    }
    let wrong = call(&applying(), "rsadecrypt", &[Value::string("aGk="), Value::string(pkcs8)]);
    assert_eq!(wrong, Err("failed to decrypt: crypto/rsa: decryption error".to_owned()));
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("Base64 is ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn errors_do_not_quote_secrets() {
    use value::Marks;
    let secret = Value::string("hunter2").mark(Marks::SENSITIVE);
    for (name, arguments) in [
        ("timeadd", vec![secret.clone(), Value::string("1h")]),
        ("timeadd", vec![Value::string("2017-11-22T00:00:00Z"), secret.clone()]),
        ("cidrhost", vec![secret.clone(), Value::number(1)]),
        ("regex", vec![Value::string("(hunter2").mark(Marks::SENSITIVE), Value::string("x")]),
        ("format", vec![Value::string("%hunter2").mark(Marks::SENSITIVE), secret.clone()]),
        ("base64decode", vec![secret.clone()]),
        ("uuidv5", vec![secret.clone(), Value::string("x")]),
        ("parseint", vec![secret.clone(), Value::number(10)]),
        ("tonumber", vec![secret.clone()]),
        ("file", vec![secret.clone()]),
        ("filemd5", vec![secret.clone()]),
        ("lookup", vec![Value::map(Type::String, value::Entries::new()), secret.clone()]),
        ("textencodebase64", vec![Value::string("x"), secret.clone()]),
        ("rsadecrypt", vec![secret.clone(), Value::string("x")]),
        ("csvdecode", vec![Value::string("hunter2,hunter2\n1,2").mark(Marks::SENSITIVE)]),
        ("templatefile", vec![secret.clone(), Value::object_of::<&str>([])]),
        (
            "templatestring",
            vec![Value::string("${hunter2").mark(Marks::SENSITIVE), Value::object_of::<&str>([])],
        ),
    ] {
        let error = call(&applying(), name, &arguments).expect_err(name);
        assert!(!error.contains("hunter2"), "{name}: {error}");
    }
}
