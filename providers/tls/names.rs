//! Distinguished names: from `subject` blocks, and as text.

use der::asn1::{Any, Ia5StringRef, ObjectIdentifier, PrintableStringRef, SetOfVec, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use provider::simple::Access;
use provider::{Attribute, Block, NestedBlock};
use value::{Type, Value};
use x509_cert::attr::AttributeTypeAndValue;

/// A name as DER holds it: sets of attributes in order.
pub(crate) type RdnSequence = Vec<SetOfVec<AttributeTypeAndValue>>;

const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");

/// The attributes of a subject in the order in which Go writes them into certificates, with how text names them.
const KNOWN: [(&str, &str, &str); 9] = [
    ("country", "2.5.4.6", "C"),
    ("organization", "2.5.4.10", "O"),
    ("organizational_unit", "2.5.4.11", "OU"),
    ("locality", "2.5.4.7", "L"),
    ("province", "2.5.4.8", "ST"),
    ("street_address", "2.5.4.9", "STREET"),
    ("postal_code", "2.5.4.17", "POSTALCODE"),
    ("common_name", "2.5.4.3", "CN"),
    ("serial_number", "2.5.4.5", "SERIALNUMBER"),
];

/// The `subject` block.
pub(crate) fn subject_block() -> NestedBlock {
    let block = Block::default().described("Whom the certificate is for.").with(
        "email_address",
        Attribute::optional(Type::String).described("The attribute `emailAddress` of the name."),
    );
    let block = KNOWN.into_iter().fold(block, |block, (attribute, _, name)| {
        let ty = if attribute == "street_address" { Type::list(Type::String) } else { Type::String };
        block.with(
            attribute,
            Attribute::optional(ty).described(format!("The attribute `{name}` of the name.")),
        )
    });
    NestedBlock::list(block).items(0, 1)
}

/// The name that the `subject` block of an object gives; empty without one.
pub(crate) fn subject(object: &Value) -> der::Result<RdnSequence> {
    let Some(subject) = object.elements("subject").first() else { return Ok(RdnSequence::new()) };
    let mut name = name_of(|attribute| match attribute {
        "street_address" => subject.texts(attribute),
        _ => subject.text(attribute).into_iter().collect(),
    })?;
    if let Some(email) = subject.text("email_address").filter(|text| !text.is_empty()) {
        let mut set = SetOfVec::new();
        let value = match Ia5StringRef::new(email) {
            Ok(text) => Any::encode_from(&text)?,
            Err(_) => Any::encode_from(&Utf8StringRef::new(email)?)?,
        };
        set.insert(AttributeTypeAndValue { oid: EMAIL_ADDRESS, value })?;
        name.push(set);
    }
    Ok(name)
}

/// The name with these texts for each known attribute.
pub(crate) fn name_of<'a>(texts: impl Fn(&str) -> Vec<&'a str>) -> der::Result<RdnSequence> {
    let mut name = RdnSequence::new();
    for (attribute, oid, _) in KNOWN {
        let texts: Vec<&str> = texts(attribute).into_iter().filter(|text| !text.is_empty()).collect();
        if texts.is_empty() {
            continue;
        }
        let mut set = SetOfVec::new();
        for text in texts {
            set.insert(AttributeTypeAndValue {
                oid: ObjectIdentifier::new_unwrap(oid),
                value: directory_string(text)?,
            })?;
        }
        name.push(set);
    }
    Ok(name)
}

/// The texts of one known attribute of a name, in order.
pub(crate) fn texts_of(name: &impl Encode, attribute: &str) -> Vec<String> {
    let Some((_, oid, _)) = KNOWN.iter().find(|(known, _, _)| *known == attribute) else { return Vec::new() };
    let oid = ObjectIdentifier::new_unwrap(oid);
    let name = name.to_der().ok().and_then(|der| RdnSequence::from_der(&der).ok()).unwrap_or_default();
    let all = name.iter().flat_map(SetOfVec::iter);
    all.filter(|found| found.oid == oid).map(|found| value_text(&found.value)).collect()
}

/// A name as Go's `pkix.Name` writes it: roughly RFC 2253, attributes in a fixed order, unknown ones last.
pub(crate) fn to_text(name: &impl Encode) -> String {
    let Some(name) = name.to_der().ok().and_then(|der| RdnSequence::from_der(&der).ok()) else {
        return String::new();
    };
    let all = || name.iter().flat_map(SetOfVec::iter);
    let mut texts: Vec<String> = Vec::new();
    for (_, oid, short) in KNOWN {
        let oid = ObjectIdentifier::new_unwrap(oid);
        let values =
            all().filter(|a| a.oid == oid).map(|a| format!("{short}={}", escaped(&value_text(&a.value))));
        let values: Vec<String> = values.collect();
        if !values.is_empty() {
            texts.push(values.join("+"));
        }
    }
    let known = |oid: &ObjectIdentifier| {
        KNOWN.iter().any(|(_, known, _)| *oid == ObjectIdentifier::new_unwrap(known))
    };
    let unknown = all().filter(|attribute| !known(&attribute.oid)).map(|attribute| {
        let der = attribute.value.to_der().unwrap_or_default();
        let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}=#{hex}", attribute.oid)
    });
    // Both orders are turned around: the most specific attribute comes first.
    let unknown: Vec<String> = unknown.collect();
    texts.into_iter().rev().chain(unknown.into_iter().rev()).collect::<Vec<_>>().join(",")
}

/// A `PrintableString` where its letters do, else UTF-8.
fn directory_string(text: &str) -> der::Result<Any> {
    // Go does not write an asterisk or ampersand into a PrintableString, and neither does the standard allow them.
    match PrintableStringRef::new(text) {
        Ok(printable) if !text.contains(['*', '&', '@', '_']) => Any::encode_from(&printable),
        _ => Any::encode_from(&Utf8StringRef::new(text)?),
    }
}

fn value_text(value: &Any) -> String {
    match value.tag() {
        Tag::PrintableString | Tag::Utf8String | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8_lossy(value.value()).into_owned()
        }
        // Latin-1, as everyone uses it.
        _ => value.value().iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::new();
    for (at, character) in text.chars().enumerate() {
        let special = match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            ' ' => at == 0 || at == last,
            '#' => at == 0,
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
