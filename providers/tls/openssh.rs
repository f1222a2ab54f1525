//! OpenSSH's forms of keys (RFC 4253, RFC 5656, RFC 8709, and `PROTOCOL.key` of OpenSSH).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use der::Decode;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::key::{Curve, KeyError, PrivateKey, PublicKey};
use crate::pem;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What the private part is padded to without a cipher.
const BLOCK: usize = 8;

/// The public half of a key in OpenSSH's forms. There is none for P-224.
pub(crate) struct PublicForms {
    /// A line of `authorized_keys`, with its line feed.
    pub authorized_key: String,
    pub md5: String,
    pub sha256: String,
}

impl PublicKey {
    pub(crate) fn to_openssh(&self, comment: &str) -> Option<PublicForms> {
        let name = self.ssh_name()?;
        let blob = self.ssh_blob()?;
        let comment = if comment.is_empty() { String::new() } else { format!(" {comment}") };
        let md5: Vec<String> = Md5::digest(&blob).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(PublicForms {
            authorized_key: format!("{name} {}{comment}\n", STANDARD.encode(&blob)),
            md5: md5.join(":"),
            sha256: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob))),
        })
    }

    fn ssh_name(&self) -> Option<String> {
        match self {
            Self::Rsa { .. } => Some("ssh-rsa".into()),
            Self::Ec { curve, .. } => Some(format!("ecdsa-sha2-{}", ssh_curve(*curve)?)),
            Self::Ed25519(_) => Some("ssh-ed25519".into()),
        }
    }

    fn ssh_blob(&self) -> Option<Vec<u8>> {
        let mut blob = Vec::new();
        put(&mut blob, self.ssh_name()?.as_bytes());
        match self {
            Self::Rsa { modulus, exponent } => {
                put_number(&mut blob, exponent);
                put_number(&mut blob, modulus);
            }
            Self::Ec { curve, point } => {
                put(&mut blob, ssh_curve(*curve)?.as_bytes());
                put(&mut blob, point);
            }
            Self::Ed25519(public) => put(&mut blob, public),
        }
        Some(blob)
    }
}

impl PrivateKey {
    /// An unencrypted OpenSSH private key; `None` for P-224, which OpenSSH does not know.
    pub(crate) fn to_openssh(&self, comment: &str) -> Result<Option<String>, KeyError> {
        let public = self.public()?;
        let (Some(name), Some(blob)) = (public.ssh_name(), public.ssh_blob()) else { return Ok(None) };
        let mut check = [0; 4];
        aws_lc_rs::rand::fill(&mut check)?;
        let mut private = [check, check].concat();
        put(&mut private, name.as_bytes());
        self.put_private(&mut private)?;
        put(&mut private, comment.as_bytes());
        let padding = (BLOCK - private.len() % BLOCK) % BLOCK;
        private.extend((1u8..).take(padding));

        let mut file = MAGIC.to_vec();
        put(&mut file, b"none");
        put(&mut file, b"none");
        put(&mut file, b"");
        file.extend(1u32.to_be_bytes());
        put(&mut file, &blob);
        put(&mut file, &private);
        Ok(Some(pem::encode(pem::OPENSSH_PRIVATE_KEY, &file)))
    }

    /// Reads an unencrypted OpenSSH private key.
    #[expect(clippy::many_single_char_names, reason = "the letters of RFC 8017")]
    pub(crate) fn from_openssh(text: &str) -> Result<Self, KeyError> {
        let file = pem::decode_one(text, pem::OPENSSH_PRIVATE_KEY).map_err(|_| KeyError::Malformed)?;
        let mut file = Reader(file.strip_prefix(MAGIC).ok_or(KeyError::Malformed)?);
        if file.field()? != b"none" {
            return Err(KeyError::Rejected("it is encrypted".into()));
        }
        let (_kdf, _options, count, _public) = (file.field()?, file.field()?, file.number()?, file.field()?);
        let mut private = Reader(file.field()?);
        if count != 1 || private.number()? != private.number()? {
            return Err(KeyError::Malformed);
        }
        let name = private.field()?.to_vec();
        match name.as_slice() {
            b"ssh-rsa" => {
                let fields = [(); 6].map(|()| private.field());
                let [Ok(n), Ok(e), Ok(d), Ok(coefficient), Ok(p), Ok(q)] = fields else {
                    return Err(KeyError::Malformed);
                };
                rsa_from_parts(n, e, d, coefficient, p, q)
            }
            b"ssh-ed25519" => {
                private.field()?;
                Self::from_ed25519_seed(private.field()?.get(..32).ok_or(KeyError::Malformed)?)
            }
            _ => {
                let curve = private.field()?.to_vec();
                let curve =
                    Curve::ALL.into_iter().find(|c| ssh_curve(*c).is_some_and(|n| n.as_bytes() == curve));
                private.field()?;
                Self::from_ec_scalar(curve.ok_or(KeyError::Unsupported)?, private.field()?)
            }
        }
    }

    fn put_private(&self, to: &mut Vec<u8>) -> Result<(), KeyError> {
        match self {
            Self::Rsa(pkcs1) => {
                let key = pkcs1::RsaPrivateKey::from_der(pkcs1)?;
                let parts = [
                    &key.modulus,
                    &key.public_exponent,
                    &key.private_exponent,
                    &key.coefficient,
                    &key.prime1,
                    &key.prime2,
                ];
                for part in parts {
                    put_number(to, part.as_bytes());
                }
            }
            Self::Ec { curve, scalar, point } => {
                put(to, ssh_curve(*curve).unwrap_or_default().as_bytes());
                put(to, point);
                put_number(to, scalar);
            }
            Self::Ed25519 { seed, public } => {
                put(to, public);
                put(to, &[seed.as_slice(), public].concat());
            }
        }
        Ok(())
    }
}

fn ssh_curve(curve: Curve) -> Option<&'static str> {
    match curve {
        Curve::P224 => None,
        Curve::P256 => Some("nistp256"),
        Curve::P384 => Some("nistp384"),
        Curve::P521 => Some("nistp521"),
    }
}

/// PKCS#1 needs the private exponent modulo each prime less one, which OpenSSH leaves out.
#[expect(clippy::many_single_char_names, reason = "the letters of RFC 8017")]
fn rsa_from_parts(
    n: &[u8],
    e: &[u8],
    d: &[u8],
    coefficient: &[u8],
    p: &[u8],
    q: &[u8],
) -> Result<PrivateKey, KeyError> {
    use dashu_int::UBig;
    use der::Encode;
    let number = UBig::from_be_bytes;
    let reduced = |prime: &[u8]| -> Result<Vec<u8>, KeyError> {
        let prime = number(prime);
        if prime <= UBig::ONE {
            return Err(KeyError::Malformed);
        }
        Ok((number(d) % (prime - UBig::ONE)).to_be_bytes().into_vec())
    };
    let (exponent1, exponent2) = (reduced(p)?, reduced(q)?);
    let integer = der::asn1::UintRef::new;
    let key = pkcs1::RsaPrivateKey {
        modulus: integer(n)?,
        public_exponent: integer(e)?,
        private_exponent: integer(d)?,
        prime1: integer(p)?,
        prime2: integer(q)?,
        exponent1: integer(&exponent1)?,
        exponent2: integer(&exponent2)?,
        coefficient: integer(coefficient)?,
        other_prime_infos: None,
    };
    Ok(PrivateKey::Rsa(key.to_der()?))
}

/// A string of RFC 4251: its length, then its bytes.
fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend_from_slice(bytes);
}

/// An `mpint` of RFC 4251: no leading zeros, but one where the top bit would make it negative.
fn put_number(to: &mut Vec<u8>, bytes: &[u8]) {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let significant = bytes.get(start..).unwrap_or_default();
    match significant.first() {
        Some(first) if first & 0x80 != 0 => put(to, &[&[0], significant].concat()),
        _ => put(to, significant),
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u32, KeyError> {
        let (number, rest) = self.0.split_first_chunk().ok_or(KeyError::Malformed)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn field(&mut self) -> Result<&'a [u8], KeyError> {
        let length = usize::try_from(self.number()?).map_err(|_| KeyError::Malformed)?;
        let (field, rest) = self.0.split_at_checked(length).ok_or(KeyError::Malformed)?;
        self.0 = rest;
        Ok(field)
    }
}
