//! jsonb as it lies in PostgreSQL's memory, read in place: no text, no copies, no calls back into
//! the server, and no unsafe code but for getting at the bytes.
//!
//! The layout is that of PostgreSQL's src/include/utils/jsonb.h, on disk since 9.4: a container is a
//! header (count and flags), one entry per value (an object has all its keys first), then the
//! values' bytes; numbers are PostgreSQL's `numeric`.

#![allow(unsafe_code, reason = "values lie in PostgreSQL's memory")]

use pgrx::datum::IntoDatum;
use pgrx::direct_function_call_as_datum;
use pgrx::pg_sys::{self, Datum};
use promotion_core::error::InputError;
use promotion_core::json::{Node, NumberView, View};

const CONTAINER_COUNT: u32 = 0x0FFF_FFFF;
const CONTAINER_SCALAR: u32 = 0x1000_0000;
/// In a container's header: it is an object.
pub const CONTAINER_OBJECT: u32 = 0x2000_0000;
/// In a container's header: it is an array.
pub const CONTAINER_ARRAY: u32 = 0x4000_0000;

/// An entry's length, or where its value ends.
pub const ENTRY_LENGTH: u32 = 0x0FFF_FFFF;
/// It tells where its value ends.
pub const ENTRY_IS_OFFSET: u32 = 0x8000_0000;
const ENTRY_TYPE: u32 = 0x7000_0000;
/// A string.
pub const ENTRY_STRING: u32 = 0x0000_0000;
/// A number.
pub const ENTRY_NUMERIC: u32 = 0x1000_0000;
/// false
pub const ENTRY_FALSE: u32 = 0x2000_0000;
/// true
pub const ENTRY_TRUE: u32 = 0x3000_0000;
/// null
pub const ENTRY_NULL: u32 = 0x4000_0000;
/// An array or object.
pub const ENTRY_CONTAINER: u32 = 0x5000_0000;

/// A jsonb that lives as long as the call: an argument, or one that the call made or copied. Statements take it as it is.
#[derive(Clone, Copy)]
pub struct JsonbValue(Datum);

impl JsonbValue {
    /// A jsonb datum.
    ///
    /// # Safety
    /// The datum is a jsonb, and stays where it is until the call ends.
    pub unsafe fn new(datum: Datum) -> Self {
        Self(datum)
    }

    /// The value.
    pub fn view(&self) -> Jsonb<'_> {
        // SAFETY: new() asks for a jsonb that outlives self.
        unsafe { Jsonb::from_datum(self.0) }
    }

    /// A field of an object; None: there is none.
    pub fn field(&self, key: &str) -> Option<Self> {
        let arguments = [Some(self.0), key.into_datum()];
        // SAFETY: the function takes a jsonb and a text, and answers a new jsonb or NULL.
        unsafe { direct_function_call_as_datum(pg_sys::jsonb_object_field, &arguments) }.map(Self)
    }
}

impl IntoDatum for JsonbValue {
    fn into_datum(self) -> Option<Datum> {
        Some(self.0)
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::JSONBOID
    }
}

/// A jsonb value of a call's argument or of a row.
#[derive(Clone, Copy)]
pub struct Jsonb<'a>(Value<'a>);

impl<'a> Jsonb<'a> {
    /// The value of a jsonb datum.
    ///
    /// # Safety
    /// The datum is a jsonb, and stays where it is for `'a`.
    pub unsafe fn from_datum(datum: Datum) -> Self {
        // SAFETY: detoasting gives a plain varlena with a header of four bytes, aligned for int.
        let bytes = unsafe {
            let varlena = pg_sys::pg_detoast_datum(datum.cast_mut_ptr());
            let size = pgrx::varlena::varsize_any_exhdr(varlena);
            std::slice::from_raw_parts(pgrx::varlena::vardata_any(varlena).cast::<u8>(), size)
        };
        let container = Container { bytes };
        if container.header() & CONTAINER_SCALAR != 0 {
            Self(container.child(0, 0).1)
        } else {
            Self(Value::Container(container))
        }
    }

    /// How many bytes it takes.
    pub fn size(self) -> usize {
        match self.0 {
            Value::Container(container) => container.bytes.len(),
            Value::Numeric(bytes) | Value::String(bytes) => bytes.len(),
            Value::Null | Value::Bool(_) => 1,
        }
    }
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Null,
    Bool(bool),
    Numeric(&'a [u8]),
    String(&'a [u8]),
    Container(Container<'a>),
}

/// An array or object: its header and all behind it.
#[derive(Clone, Copy)]
struct Container<'a> {
    bytes: &'a [u8],
}

/// Reads a native u32; beyond the end, which no valid jsonb makes anyone ask for, 0.
fn word(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        Some(word) => u32::from_ne_bytes(*word),
        None => 0,
    }
}

impl<'a> Container<'a> {
    fn header(self) -> u32 {
        word(self.bytes, 0)
    }

    fn count(self) -> usize {
        (self.header() & CONTAINER_COUNT) as usize
    }

    /// How many entries there are: keys and values of an object both have one.
    fn entries(self) -> usize {
        if self.header() & CONTAINER_OBJECT != 0 { 2 * self.count() } else { self.count() }
    }

    fn entry(self, index: usize) -> u32 {
        word(self.bytes, 4 + 4 * index)
    }

    /// Where the bytes of an entry begin, from where the values begin: the sum of the lengths since
    /// the last entry that tells its end as an offset instead.
    fn offset(self, index: usize) -> usize {
        let mut offset = 0;
        for before in (0..index).rev() {
            let entry = self.entry(before);
            offset += (entry & ENTRY_LENGTH) as usize;
            if entry & ENTRY_IS_OFFSET != 0 {
                break;
            }
        }
        offset
    }

    /// The entry that begins at `offset`; answers where the next one begins, too.
    fn child(self, index: usize, offset: usize) -> (usize, Value<'a>) {
        let entry = self.entry(index);
        let length = (entry & ENTRY_LENGTH) as usize;
        let end = if entry & ENTRY_IS_OFFSET != 0 { length } else { offset + length };
        let base = 4 + 4 * self.entries();
        // Numbers and containers are aligned, their lengths counting the padding before them.
        let aligned = offset.next_multiple_of(4);
        let bytes = |from: usize| self.bytes.get(base + from..base + end).unwrap_or_default();
        let value = match entry & ENTRY_TYPE {
            ENTRY_STRING => Value::String(bytes(offset)),
            ENTRY_NUMERIC => Value::Numeric(bytes(aligned)),
            ENTRY_FALSE => Value::Bool(false),
            ENTRY_TRUE => Value::Bool(true),
            ENTRY_NULL => Value::Null,
            ENTRY_CONTAINER => Value::Container(Container { bytes: bytes(aligned) }),
            _ => Value::Null,
        };
        (end, value)
    }
}

/// Iterates over an array.
pub struct Items<'a> {
    container: Container<'a>,
    index: usize,
    offset: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Jsonb<'a>;

    fn next(&mut self) -> Option<Jsonb<'a>> {
        if self.index == self.container.count() {
            return None;
        }
        let (end, value) = self.container.child(self.index, self.offset);
        self.index += 1;
        self.offset = end;
        Some(Jsonb(value))
    }
}

/// Iterates over an object: keys and values each from their own place.
pub struct Entries<'a> {
    container: Container<'a>,
    index: usize,
    key_offset: usize,
    value_offset: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, Jsonb<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.container.count();
        if self.index == count {
            return None;
        }
        let (key_end, key) = self.container.child(self.index, self.key_offset);
        let (value_end, value) = self.container.child(count + self.index, self.value_offset);
        self.index += 1;
        self.key_offset = key_end;
        self.value_offset = value_end;
        let key = match key {
            // A database in UTF-8 holds valid UTF-8: what is none can only be an unknown key.
            Value::String(bytes) => std::str::from_utf8(bytes).unwrap_or("\u{FFFD}"),
            _ => "",
        };
        Some((key, Jsonb(value)))
    }
}

impl<'a> View<'a> for Jsonb<'a> {
    type Number = Numeric<'a>;
    type Items = Items<'a>;
    type Entries = Entries<'a>;

    fn node(self) -> Result<Node<'a, Self>, InputError> {
        Ok(match self.0 {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(value),
            Value::Numeric(bytes) => Node::Number(Numeric { bytes }),
            Value::String(bytes) => {
                Node::String(std::str::from_utf8(bytes).map_err(|_| InputError::new("expected valid UTF-8"))?)
            }
            Value::Container(container) if container.header() & CONTAINER_OBJECT != 0 => Node::Object(Entries {
                container,
                index: 0,
                key_offset: 0,
                value_offset: container.offset(container.count()),
            }),
            Value::Container(container) => Node::Array(Items { container, index: 0, offset: 0 }),
        })
    }
}

/// A `numeric`: a varlena of a header (sign, scale, weight) and digits to the base of 10,000.
pub struct Numeric<'a> {
    bytes: &'a [u8],
}

/// The parts of a numeric: value = ± digits[0] . digits[1] ... × 10000^weight.
struct Parts<'a> {
    negative: bool,
    /// Decimal digits shown after the point.
    scale: u32,
    weight: i32,
    digits: &'a [u8],
}

impl<'a> Numeric<'a> {
    /// The value of a numeric datum.
    ///
    /// # Safety
    /// The datum is a numeric, and stays where it is for `'a`.
    pub unsafe fn from_datum(datum: Datum) -> Self {
        // SAFETY: detoasting leaves a plain varlena, of either kind of header, which is part of the bytes.
        let bytes = unsafe {
            let varlena = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
            std::slice::from_raw_parts(varlena.cast::<u8>(), pgrx::varlena::varsize_any(varlena))
        };
        Self { bytes }
    }

    /// None for what JSON can't hold, NaN and the infinities.
    fn parts(&self) -> Option<Parts<'a>> {
        // A varlena header of one byte (odd, on little-endian machines) or of four.
        let short_varlena = if cfg!(target_endian = "little") {
            self.bytes.first()? & 0x01 != 0
        } else {
            self.bytes.first()? & 0x80 != 0
        };
        let body = self.bytes.get(if short_varlena { 1 } else { 4 }..)?;
        let half = |at: usize| body.get(at..)?.first_chunk::<2>().map(|half| u16::from_ne_bytes(*half));
        let header = half(0)?;
        match header & 0xC000 {
            0x8000 => {
                // Six bits of scale, a sign bit of the weight, six bits of weight.
                let weight = i32::from(header & 0x003F);
                Some(Parts {
                    negative: header & 0x2000 != 0,
                    scale: u32::from((header & 0x1F80) >> 7),
                    weight: if header & 0x0040 != 0 { weight - 64 } else { weight },
                    digits: body.get(2..)?,
                })
            }
            0xC000 => None,
            sign => Some(Parts {
                negative: sign == 0x4000,
                scale: u32::from(header & 0x3FFF),
                weight: i32::from(half(2)? as i16),
                digits: body.get(4..)?,
            }),
        }
    }
}

impl Parts<'_> {
    fn groups(&self) -> impl Iterator<Item = i128> + '_ {
        self.digits.chunks_exact(2).map(|pair| i128::from(i16::from_ne_bytes([pair[0], pair[1]])))
    }
}

impl NumberView for Numeric<'_> {
    fn decimal(&self) -> Option<(i128, u32)> {
        let parts = self.parts()?;
        let mut mantissa: i128 = 0;
        for group in parts.groups() {
            mantissa = mantissa.checked_mul(10_000)?.checked_add(group)?;
        }
        // The last group stands at 10000^(weight − groups + 1).
        let exponent = 4 * (parts.weight + 1 - (parts.digits.len() / 2) as i32);
        let mut scale = 0;
        if mantissa != 0 && exponent > 0 {
            mantissa = mantissa.checked_mul(10_i128.checked_pow(exponent.unsigned_abs())?)?;
        } else if mantissa != 0 {
            scale = exponent.unsigned_abs();
            while scale > 0 && mantissa % 10 == 0 {
                mantissa /= 10;
                scale -= 1;
            }
        }
        (scale <= 37).then_some((if parts.negative { -mantissa } else { mantissa }, scale))
    }

    fn has_fraction(&self) -> bool {
        self.parts().is_some_and(|parts| parts.scale > 0)
    }

    fn digits(&self) -> usize {
        let before = |parts: &Parts<'_>| 4 * usize::try_from(parts.weight + 1).unwrap_or(0).max(1);
        self.parts().map_or(0, |parts| before(&parts) + parts.scale as usize)
    }

    fn text(&self) -> String {
        let Some(parts) = self.parts() else { return "NaN".to_owned() };
        let groups: Vec<i128> = parts.groups().collect();
        let group = |position: i32| {
            // Position 0 is the first group, of weight `weight`.
            usize::try_from(position).ok().and_then(|index| groups.get(index)).copied().unwrap_or(0)
        };
        let mut text = String::new();
        for weight in (0..=parts.weight.max(0)).rev() {
            text.push_str(&format!("{:04}", group(parts.weight - weight)));
        }
        let integer = text.trim_start_matches('0');
        let mut text = if integer.is_empty() { "0".to_owned() } else { integer.to_owned() };
        if parts.scale > 0 {
            let mut fraction = String::new();
            for weight in 1..=parts.scale.div_ceil(4) as i32 {
                fraction.push_str(&format!("{:04}", group(parts.weight + weight)));
            }
            fraction.truncate(parts.scale as usize);
            text = format!("{text}.{fraction}");
        }
        if parts.negative { format!("-{text}") } else { text }
    }
}

/// A jsonb from JSON text that serde has written.
pub fn to_jsonb(text: &str) -> JsonbValue {
    let text = std::ffi::CString::new(text).unwrap_or_default();
    // SAFETY: jsonb_in takes a terminated string and answers a new datum, or raises an error.
    let datum = unsafe { direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(Datum::from(text.as_ptr()))]) };
    JsonbValue(datum.unwrap_or(Datum::null()))
}
