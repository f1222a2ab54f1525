use rmp::encode;

use super::{MsgpackError, REFINED_UNKNOWN, refinement_key as key};
use crate::json::type_to_json;
use crate::{Kind, Number, Refinement, Type, Value, convert, safe_prefix};

/// Encodes against a type; unknowns as extension 0, refined ones as extension 12. Marks are not encoded.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, MsgpackError> {
    let mut out = Vec::new();
    if value.ty().conforms_to(ty) {
        write(value, ty, &mut out)?;
    } else {
        let converted = convert(value, ty).map_err(|e| MsgpackError::new(e.message))?;
        write(&converted, ty, &mut out)?;
    }
    Ok(out)
}

fn write(value: &Value, ty: &Type, out: &mut Vec<u8>) -> Result<(), MsgpackError> {
    if *ty == Type::Dynamic && !value.has_type(&Type::Dynamic) {
        return write_dynamic(value, out);
    }
    match (value.kind(), ty) {
        (Kind::Unknown(_, refinement), _) => write_unknown(refinement.as_deref(), out),
        (Kind::Null(_), _) => encode::write_nil(out).map_err(failed),
        (Kind::Bool(b), _) => encode::write_bool(out, *b).map_err(failed),
        (Kind::Number(n), _) => write_number(n, out),
        (Kind::String(s), _) => encode::write_str(out, s).map_err(failed),
        (Kind::List(s) | Kind::Set(s), Type::List(e) | Type::Set(e)) => {
            write_items(s.items(), |_| e.as_ref(), out)
        }
        (Kind::Tuple(s), Type::Tuple(types)) => {
            write_items(s.items(), |i| types.get(i).unwrap_or(&Type::Dynamic), out)
        }
        (Kind::Map(m), Type::Map(e)) => write_entries(m.entries(), |_| e.as_ref(), out),
        (Kind::Object(m), Type::Object(object)) => {
            write_entries(m.entries(), |name| object.get(name).unwrap_or(&Type::Dynamic), out)
        }
        _ => Err(MsgpackError::new(format!("{} required", ty.constraint_name()))),
    }
}

fn write_items<'a>(
    items: &[Value],
    ty: impl Fn(usize) -> &'a Type,
    out: &mut Vec<u8>,
) -> Result<(), MsgpackError> {
    encode::write_array_len(out, length(items.len())?).map_err(failed)?;
    items.iter().enumerate().try_for_each(|(i, item)| write(item, ty(i), out))
}

fn write_entries<'a>(
    entries: &crate::Entries,
    ty: impl Fn(&str) -> &'a Type,
    out: &mut Vec<u8>,
) -> Result<(), MsgpackError> {
    encode::write_map_len(out, length(entries.len())?).map_err(failed)?;
    entries.iter().try_for_each(|(name, item)| {
        encode::write_str(out, name).map_err(failed)?;
        write(item, ty(name), out)
    })
}

/// As an array of the type, in JSON, and the value.
fn write_dynamic(value: &Value, out: &mut Vec<u8>) -> Result<(), MsgpackError> {
    let ty = value.ty();
    encode::write_array_len(out, 2).map_err(failed)?;
    encode::write_bin(out, type_to_json(&ty).to_string().as_bytes()).map_err(failed)?;
    write(value, &ty, out)
}

/// As the smallest integer, else as an `f64` if that is exact, else as decimal text.
fn write_number(n: &Number, out: &mut Vec<u8>) -> Result<(), MsgpackError> {
    if let Some(n) = n.to_i64() {
        return encode::write_sint(out, n).map(drop).map_err(failed);
    }
    match n.to_f64_exact().filter(|_| !n.is_integer()) {
        Some(f) => encode::write_f64(out, f).map_err(failed),
        None => encode::write_str(out, &n.to_string()).map_err(failed),
    }
}

fn write_unknown(refinement: Option<&Refinement>, out: &mut Vec<u8>) -> Result<(), MsgpackError> {
    let (count, body) = refinement.map(refinement_body).transpose()?.unwrap_or_default();
    if count == 0 {
        out.extend_from_slice(&[0xd4, 0, 0]);
        return Ok(());
    }
    let mut map = Vec::with_capacity(body.len() + 1);
    encode::write_map_len(&mut map, count).map_err(failed)?;
    map.extend_from_slice(&body);
    encode::write_ext_meta(out, length(map.len())?, REFINED_UNKNOWN).map_err(failed)?;
    out.extend_from_slice(&map);
    Ok(())
}

fn refinement_body(refinement: &Refinement) -> Result<(u32, Vec<u8>), MsgpackError> {
    /// Longer prefixes are cut, so that the description stays small.
    const MAX_PREFIX: usize = 256;
    let (mut count, mut body) = (0, Vec::new());
    let mut entry = |key: i64, write: &dyn Fn(&mut Vec<u8>) -> Result<(), MsgpackError>| {
        count += 1;
        encode::write_sint(&mut body, key).map_err(failed)?;
        write(&mut body)
    };
    if refinement.not_null {
        entry(key::IS_NULL, &|out| encode::write_bool(out, false).map_err(failed))?;
    }
    for (key, bound) in [(key::NUMBER_MIN, &refinement.lower), (key::NUMBER_MAX, &refinement.upper)] {
        if let Some((n, inclusive)) = bound {
            entry(key, &|out| {
                encode::write_array_len(out, 2).map_err(failed)?;
                write_number(n, out)?;
                encode::write_bool(out, *inclusive).map_err(failed)
            })?;
        }
    }
    if let Some(prefix) = &refinement.prefix {
        let prefix = if prefix.len() > MAX_PREFIX {
            let end = (0..MAX_PREFIX).rev().find(|at| prefix.is_char_boundary(*at)).unwrap_or(0);
            safe_prefix(&prefix[..end])
        } else {
            prefix.clone()
        };
        entry(key::STRING_PREFIX, &|out| encode::write_str(out, &prefix).map_err(failed))?;
    }
    for (key, bound) in [(key::LENGTH_MIN, refinement.min_len), (key::LENGTH_MAX, refinement.max_len)] {
        if let Some(n) = bound.and_then(|n| i64::try_from(n).ok()) {
            entry(key, &|out| encode::write_sint(out, n).map(drop).map_err(failed))?;
        }
    }
    Ok((count, body))
}

fn length(n: usize) -> Result<u32, MsgpackError> {
    u32::try_from(n).map_err(|_| MsgpackError::new("the value has too many items"))
}

fn failed(error: impl std::fmt::Display) -> MsgpackError {
    MsgpackError::new(format!("failed to write the value: {error}"))
}
