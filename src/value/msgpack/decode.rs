use rmp::{Marker, decode};

use super::{MAX_REFINEMENT, MsgpackError, REFINED_UNKNOWN, refinement_key as key};
use crate::json::type_from_json;
use crate::{Entries, Number, Refinement, Str, Type, Value};

/// Decodes against a type; the reverse of [`super::encode`].
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, MsgpackError> {
    Reader { rest: bytes, depth: 0 }.value(ty)
}

/// Values may be nested so deep.
const MAX_DEPTH: usize = 512;

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, ty: &Type) -> Result<Value, MsgpackError> {
        if self.depth == MAX_DEPTH {
            return Err(MsgpackError::new("the value is nested too deeply"));
        }
        self.depth += 1;
        let value = self.value_inside(ty);
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self, ty: &Type) -> Result<Value, MsgpackError> {
        let marker = self.peek()?;
        if is_extension(marker) {
            return self.unknown(ty);
        }
        if marker == Marker::Null {
            self.take(1)?;
            return Ok(Value::null(ty.clone()));
        }
        match ty {
            Type::Dynamic => self.dynamic(),
            Type::Bool => {
                decode::read_bool(&mut self.rest).map(Value::bool).map_err(|_| required("bool is required"))
            }
            Type::Number => self.number().map(Value::number),
            Type::String => {
                Ok(Value::string_nfc(self.string().ok_or_else(|| required("string is required"))?))
            }
            Type::List(e) => {
                let items = self.items("a list is required", |_| Ok(e))?;
                Ok(Value::list(e.as_ref().clone(), items))
            }
            Type::Set(e) => {
                let items = self.items("a set is required", |_| Ok(e))?;
                Ok(Value::set(e.as_ref().clone(), items))
            }
            Type::Tuple(types) => {
                let wrong_length = || required(&format!("a tuple of length {} is required", types.len()));
                let items = self.items("a tuple is required", |i| types.get(i).ok_or_else(wrong_length))?;
                if items.len() == types.len() { Ok(Value::tuple(items)) } else { Err(wrong_length()) }
            }
            Type::Map(e) => {
                let entries = self.entries("a map is required", |_| Ok(e))?;
                Ok(Value::map(e.as_ref().clone(), entries))
            }
            Type::Object(object) => {
                let unsupported = || required("unsupported attribute");
                let entries =
                    self.entries("an object is required", |name| object.get(name).ok_or_else(unsupported))?;
                if entries.len() != object.len() {
                    let message = format!(
                        "an object with {} attributes is required ({} given)",
                        object.len(),
                        entries.len()
                    );
                    return Err(MsgpackError(message));
                }
                Ok(Value::object(entries))
            }
        }
    }

    fn items<'t>(
        &mut self,
        message: &str,
        ty: impl Fn(usize) -> Result<&'t Type, MsgpackError>,
    ) -> Result<Vec<Value>, MsgpackError> {
        let count = decode::read_array_len(&mut self.rest).map_err(|_| required(message))?;
        // Not reserved by the count, which the input may make up.
        let mut items = Vec::new();
        for i in 0..count as usize {
            items.push(self.value(ty(i)?)?);
        }
        Ok(items)
    }

    fn entries<'t>(
        &mut self,
        message: &str,
        ty: impl Fn(&str) -> Result<&'t Type, MsgpackError>,
    ) -> Result<Entries, MsgpackError> {
        let count = decode::read_map_len(&mut self.rest).map_err(|_| required(message))?;
        let mut entries: Vec<(Str, Value)> = Vec::new();
        for _ in 0..count {
            let name = crate::value::nfc(self.string().ok_or_else(|| required("all keys must be strings"))?);
            let value = self.value(ty(&name)?)?;
            entries.push((name, value));
        }
        Ok(entries.into_iter().collect())
    }

    fn dynamic(&mut self) -> Result<Value, MsgpackError> {
        let wrong = || required("dynamic value array must have exactly two elements");
        if decode::read_array_len(&mut self.rest).map_err(|_| wrong())? != 2 {
            return Err(wrong());
        }
        let json = self.bytes().ok_or_else(|| required("dynamic value must have a type"))?;
        let json = std::str::from_utf8(json).map_err(|e| MsgpackError::new(e.to_string()))?;
        let json = serde_json::from_str(json).map_err(|e| MsgpackError::new(e.to_string()))?;
        let ty = type_from_json(&json).map_err(|e| MsgpackError::new(e.0))?;
        self.value(&ty)
    }

    fn number(&mut self) -> Result<Number, MsgpackError> {
        let wrong = || required("number is required");
        match self.peek()? {
            Marker::F64 => {
                let f = decode::read_f64(&mut self.rest).map_err(|_| wrong())?;
                Number::from_f64(f).ok_or_else(wrong)
            }
            Marker::F32 => {
                let f = decode::read_f32(&mut self.rest).map_err(|_| wrong())?;
                Number::from_f64(f.into()).ok_or_else(wrong)
            }
            Marker::U64 => decode::read_u64(&mut self.rest).map(Number::from).map_err(|_| wrong()),
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let text = self.string().ok_or_else(wrong)?;
                Number::parse(text).map_err(|_| wrong())
            }
            _ => decode::read_int::<i64, _>(&mut self.rest).map(Number::from).map_err(|_| wrong()),
        }
    }

    /// An extension: of type 12 and more than one byte, a map of what is known; else nothing is.
    fn unknown(&mut self, ty: &Type) -> Result<Value, MsgpackError> {
        let meta = decode::read_ext_meta(&mut self.rest)
            .map_err(|_| required("extension code is required for unknown value"))?;
        let size = meta.size as usize;
        let body = self.take(size)?;
        if size <= 1 {
            return Ok(Value::unknown(ty.clone()));
        }
        if meta.typeid != REFINED_UNKNOWN {
            return Err(MsgpackError(format!(
                "unsupported extension type {:#04x} with len {size}",
                meta.typeid
            )));
        }
        if size > MAX_REFINEMENT {
            return Err(MsgpackError::new("oversize unknown value refinement"));
        }
        if *ty == Type::Dynamic {
            return Ok(Value::dynamic());
        }
        Reader { rest: body, depth: self.depth }.refinement(ty)
    }

    fn refinement(&mut self, ty: &Type) -> Result<Value, MsgpackError> {
        let wrong = |what: &str| required(&format!("failed to decode msgpack extension body: {what}"));
        let count = decode::read_map_len(&mut self.rest).map_err(|_| wrong("not a map"))?;
        let mut refinement = Refinement::default();
        let mut is_null = false;
        for _ in 0..count {
            let key: i64 = decode::read_int(&mut self.rest).map_err(|_| wrong("non-integer key in map"))?;
            match key {
                key::IS_NULL => {
                    is_null = decode::read_bool(&mut self.rest)
                        .map_err(|_| wrong("null refinement is not boolean"))?;
                    refinement.not_null = !is_null;
                }
                key::STRING_PREFIX if *ty == Type::String => {
                    let prefix =
                        self.string().ok_or_else(|| wrong("string prefix refinement is not string"))?;
                    refinement.prefix = Some(crate::value::nfc(prefix));
                }
                key::LENGTH_MIN | key::LENGTH_MAX if ty.is_collection() => {
                    let bound: u64 = decode::read_int(&mut self.rest)
                        .map_err(|_| wrong("length bound refinement must be integer"))?;
                    if key == key::LENGTH_MIN {
                        refinement.min_len = Some(bound);
                    } else {
                        refinement.max_len = Some(bound);
                    }
                }
                key::NUMBER_MIN | key::NUMBER_MAX if *ty == Type::Number => {
                    let bound = self
                        .bound()
                        .ok_or_else(|| wrong("length bound refinement must be [number, bool] array"))?;
                    if key == key::NUMBER_MIN {
                        refinement.lower = Some(bound);
                    } else {
                        refinement.upper = Some(bound);
                    }
                }
                key::STRING_PREFIX..=key::LENGTH_MAX => {
                    return Err(wrong("refinement does not apply to the type"));
                }
                // What a later version may know of it is left unread, and with it all that follows.
                _ => break,
            }
        }
        Ok(if is_null { Value::null(ty.clone()) } else { Value::refined(ty.clone(), refinement) })
    }

    fn bound(&mut self) -> Option<(Number, bool)> {
        (decode::read_array_len(&mut self.rest).ok()? == 2).then_some(())?;
        let number = self.number().ok()?;
        Some((number, decode::read_bool(&mut self.rest).ok()?))
    }

    fn string(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The content of a string or binary: writers use either for type descriptions.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let mut rest = self.rest;
        let length = match self.peek().ok()? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => decode::read_bin_len(&mut rest).ok()?,
            _ => decode::read_str_len(&mut rest).ok()?,
        };
        self.rest = rest;
        self.take(length as usize).ok()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], MsgpackError> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| required("unexpected end of input"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn peek(&self) -> Result<Marker, MsgpackError> {
        self.rest.first().map(|b| Marker::from_u8(*b)).ok_or_else(|| required("unexpected end of input"))
    }
}

fn is_extension(marker: Marker) -> bool {
    use Marker::{Ext8, Ext16, Ext32, FixExt1, FixExt2, FixExt4, FixExt8, FixExt16};
    matches!(marker, FixExt1 | FixExt2 | FixExt4 | FixExt8 | FixExt16 | Ext8 | Ext16 | Ext32)
}

fn required(message: &str) -> MsgpackError {
    MsgpackError::new(message)
}
