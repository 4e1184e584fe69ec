//! jsonb written in place of text that PostgreSQL would have to read again: a serde serializer that lays values out as
//! jsonb.rs reads them (PostgreSQL's src/include/utils/jsonb.h and numeric.c). What comes out is byte for byte what
//! jsonb_in makes of the same JSON (tests/pg_regress/sql/jsonb_layout.sql).

#![allow(unsafe_code, reason = "values are laid out in PostgreSQL's memory")]

use std::fmt::{self, Display};
use std::ops::Range;

use pgrx::pg_sys::{self, Datum};
use pgrx::{PgSqlErrorCode, direct_function_call_as_datum};
use serde::ser::{self, Serialize, Serializer};

use crate::jsonb::{
    CONTAINER_ARRAY, CONTAINER_OBJECT, ENTRY_CONTAINER, ENTRY_FALSE, ENTRY_IS_OFFSET, ENTRY_LENGTH, ENTRY_NULL,
    ENTRY_NUMERIC, ENTRY_STRING, ENTRY_TRUE, JsonbValue,
};

/// Every so many entries one tells its end as an offset.
const OFFSET_STRIDE: usize = 32;

/// How serde_json names a number that it passes on as its text (feature arbitrary_precision).
const NUMBER_TEXT: &str = "$serde_json::private::Number";

/// A jsonb of an object or an array.
pub fn jsonb_of(value: &impl Serialize) -> JsonbValue {
    let mut scratch = Scratch::default();
    let written = value.serialize(Writer { scratch: &mut scratch });
    let bytes = scratch.bytes;
    let size = bytes.len() + size_of::<u32>();
    let (code, problem) = match written {
        Ok(ENTRY_CONTAINER) if bytes.len() <= ENTRY_LENGTH as usize => return palloced(&bytes, size),
        Ok(ENTRY_CONTAINER) => {
            let most = ENTRY_LENGTH;
            (PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED, format!("a jsonb would have more than {most} bytes"))
        }
        Ok(_) => (PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, "expected an object or an array".to_owned()),
        Err(error) => (PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, format!("what is no JSON can't be written: {error}")),
    };
    pgrx::ereport!(ERROR, code, problem);
}

/// A varlena of such a size, header included.
fn palloced(bytes: &[u8], size: usize) -> JsonbValue {
    // SAFETY: palloc gives so many bytes, which stay until the call's memory goes, or raises an error; header and
    // bytes fill them with a jsonb.
    unsafe {
        let varlena = pg_sys::palloc(size).cast::<pg_sys::varlena>();
        pgrx::set_varsize_4b(varlena, i32::try_from(size).unwrap_or_default());
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), varlena.cast::<u8>().add(size_of::<u32>()), bytes.len());
        JsonbValue::new(Datum::from(varlena))
    }
}

/// What serde could not say in jsonb.
#[derive(Debug)]
pub struct Unwritable(String);

impl Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// What is written so far: values of containers that are not finished, one after the other, without what aligns them.
#[derive(Default)]
struct Scratch {
    bytes: Vec<u8>,
    /// Type and end of each value, and of each object's keys, which stand before their values.
    parts: Vec<(u32, usize)>,
    /// A container that is being put together, its entries and their order.
    container: Vec<u8>,
    entries: Vec<(u32, Range<usize>)>,
    order: Vec<usize>,
}

/// Where a container's values begin.
#[derive(Clone, Copy)]
struct Place {
    bytes: usize,
    parts: usize,
}

impl Scratch {
    fn place(&self) -> Place {
        Place { bytes: self.bytes.len(), parts: self.parts.len() }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<u32, Unwritable> {
        let kind = value.serialize(Writer { scratch: self })?;
        self.parts.push((kind, self.bytes.len()));
        Ok(kind)
    }

    /// Type and bytes of a container's part.
    fn part(&self, place: Place, index: usize) -> (u32, Range<usize>) {
        let (kind, end) = self.parts[place.parts + index];
        let start = if index == 0 { place.bytes } else { self.parts[place.parts + index - 1].1 };
        (kind, start..end)
    }

    /// Puts an array in place of its values.
    fn finish_array(&mut self, place: Place) -> u32 {
        let count = self.parts.len() - place.parts;
        self.entries.clear();
        for index in 0..count {
            let entry = self.part(place, index);
            self.entries.push(entry);
        }
        self.write_container(place, CONTAINER_ARRAY | entry_size(count));
        ENTRY_CONTAINER
    }

    /// Puts an object in place of its keys and values.
    fn finish_object(&mut self, place: Place) -> u32 {
        let count = (self.parts.len() - place.parts) / 2;
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(0..count);
        // Shorter keys first, those as long by their bytes.
        let key = |index: usize| &self.bytes[self.part(place, 2 * index).1];
        order.sort_unstable_by(|&a, &b| key(a).len().cmp(&key(b).len()).then_with(|| key(a).cmp(key(b))));
        self.entries.clear();
        for value in [0, 1] {
            for index in &order {
                let entry = self.part(place, 2 * index + value);
                self.entries.push(entry);
            }
        }
        self.order = order;
        self.write_container(place, CONTAINER_OBJECT | entry_size(count));
        ENTRY_CONTAINER
    }

    /// Writes header, entries, then the values, those aligned that have to be, in place of what begins there.
    fn write_container(&mut self, place: Place, header: u32) {
        pgrx::check_for_interrupts!();
        let Self { bytes, entries, container: out, parts, .. } = self;
        out.clear();
        out.extend(header.to_ne_bytes());
        let first = out.len();
        out.resize(first + entries.len() * size_of::<u32>(), 0);
        let data = out.len();
        for (index, (kind, range)) in entries.iter().enumerate() {
            let before = out.len() - data;
            if matches!(*kind, ENTRY_NUMERIC | ENTRY_CONTAINER) {
                out.resize(data + before.next_multiple_of(4), 0);
            }
            out.extend_from_slice(&bytes[range.clone()]);
            let end = out.len() - data;
            let place =
                if index % OFFSET_STRIDE == 0 { ENTRY_IS_OFFSET | entry_size(end) } else { entry_size(end - before) };
            let at = first + index * size_of::<u32>();
            out[at..at + size_of::<u32>()].copy_from_slice(&(kind | place).to_ne_bytes());
        }
        bytes.truncate(place.bytes);
        bytes.extend_from_slice(out);
        parts.truncate(place.parts);
    }
}

/// Appends one value's bytes, and answers its type as an entry has it.
struct Writer<'o> {
    scratch: &'o mut Scratch,
}

/// A size that an entry can tell; what is larger makes the whole too large, which is found at the end.
fn entry_size(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(ENTRY_LENGTH).min(ENTRY_LENGTH)
}

/// An array.
struct ArrayWriter<'o> {
    scratch: &'o mut Scratch,
    place: Place,
}

impl ser::SerializeSeq for ArrayWriter<'_> {
    type Ok = u32;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.scratch.push(value).map(|_| ())
    }

    fn end(self) -> Result<u32, Unwritable> {
        Ok(self.scratch.finish_array(self.place))
    }
}

impl ser::SerializeTuple for ArrayWriter<'_> {
    type Ok = u32;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.scratch.push(value).map(|_| ())
    }

    fn end(self) -> Result<u32, Unwritable> {
        Ok(self.scratch.finish_array(self.place))
    }
}

/// An object, or a number that is passed on as its text.
struct ObjectWriter<'o> {
    scratch: &'o mut Scratch,
    place: Place,
    is_number: bool,
}

impl ObjectWriter<'_> {
    fn finish(self) -> Result<u32, Unwritable> {
        let Self { scratch, place, is_number } = self;
        if !is_number {
            return Ok(scratch.finish_object(place));
        }
        let (_, range) = scratch.part(place, 1);
        let text = String::from_utf8_lossy(&scratch.bytes[range]).into_owned();
        scratch.bytes.truncate(place.bytes);
        scratch.parts.truncate(place.parts);
        write_number(&mut scratch.bytes, &text);
        Ok(ENTRY_NUMERIC)
    }
}

impl ser::SerializeMap for ObjectWriter<'_> {
    type Ok = u32;
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        match self.scratch.push(key)? {
            ENTRY_STRING => Ok(()),
            _ => Err(ser::Error::custom("a key that is no string")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.scratch.push(value).map(|_| ())
    }

    fn end(self) -> Result<u32, Unwritable> {
        self.finish()
    }
}

impl ser::SerializeStruct for ObjectWriter<'_> {
    type Ok = u32;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unwritable> {
        self.scratch.push(key)?;
        self.scratch.push(value).map(|_| ())
    }

    fn end(self) -> Result<u32, Unwritable> {
        self.finish()
    }
}

/// Digits of a numeric that are told by hand: what has more goes through numeric_in.
const MOST_DIGITS: usize = 60;

/// Appends a number as a `numeric`.
fn write_number(out: &mut Vec<u8>, text: &str) {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if integer.len() + fraction.len() > MOST_DIGITS || !is_plain(integer) || !is_plain(fraction) {
        out.extend_from_slice(&numeric_by_postgresql(text));
        return;
    }
    // Groups of four digits on both sides of the point.
    let leading = integer.len().next_multiple_of(4) - integer.len();
    let trailing = fraction.len().next_multiple_of(4) - fraction.len();
    let zeros = |count: usize| std::iter::repeat_n(b'0', count);
    let all: Vec<u8> = zeros(leading)
        .chain(integer.bytes())
        .chain(fraction.bytes())
        .chain(zeros(trailing))
        .map(|byte| byte - b'0')
        .collect();
    let groups: Vec<i16> =
        all.chunks_exact(4).map(|group| group.iter().fold(0, |sum, digit| sum * 10 + i16::from(*digit))).collect();
    let first = groups.iter().position(|group| *group != 0);
    let last = groups.iter().rposition(|group| *group != 0);
    let (weight, groups) = match (first, last) {
        (Some(first), Some(last)) => ((leading + integer.len()) as i32 / 4 - 1 - first as i32, &groups[first..=last]),
        _ => (0, &[][..]),
    };
    // A zero has no sign; six bits of weight with its sign, six of the digits shown.
    let sign = if negative && !groups.is_empty() { 0x2000 } else { 0 };
    let weight = (weight & 0x3F) as u16 | if weight < 0 { 0x40 } else { 0 };
    let header = 0x8000 | sign | (fraction.len() as u16) << 7 | weight;
    let size = size_of::<u32>() + size_of::<u16>() * (1 + groups.len());
    out.extend(varlena_header(size).to_ne_bytes());
    out.extend(header.to_ne_bytes());
    groups.iter().for_each(|group| out.extend(group.to_ne_bytes()));
}

/// A varlena's header of four bytes.
fn varlena_header(size: usize) -> u32 {
    let size = size as u32;
    if cfg!(target_endian = "little") { size << 2 } else { size & 0x3FFF_FFFF }
}

/// A number that is written otherwise, or is too long.
fn numeric_by_postgresql(text: &str) -> Vec<u8> {
    let text = std::ffi::CString::new(text).unwrap_or_default();
    let arguments = [Some(Datum::from(text.as_ptr())), Some(Datum::from(0)), Some(Datum::from(-1_i32))];
    // SAFETY: numeric_in takes a terminated string, a type that it ignores and no modifier; it answers a plain numeric
    // or raises an error.
    unsafe {
        let datum = direct_function_call_as_datum(pg_sys::numeric_in, &arguments).unwrap_or(Datum::null());
        let varlena = pg_sys::pg_detoast_datum(datum.cast_mut_ptr());
        std::slice::from_raw_parts(varlena.cast::<u8>(), pgrx::varlena::varsize_any(varlena)).to_vec()
    }
}

macro_rules! integers {
    ($($method:ident $kind:ty),*) => {$(
        fn $method(self, value: $kind) -> Result<u32, Unwritable> {
            write_number(&mut self.scratch.bytes, &value.to_string());
            Ok(ENTRY_NUMERIC)
        }
    )*};
}

impl<'o> Serializer for Writer<'o> {
    type Ok = u32;
    type Error = Unwritable;
    type SerializeSeq = ArrayWriter<'o>;
    type SerializeTuple = ArrayWriter<'o>;
    type SerializeTupleStruct = ser::Impossible<u32, Unwritable>;
    type SerializeTupleVariant = ser::Impossible<u32, Unwritable>;
    type SerializeMap = ObjectWriter<'o>;
    type SerializeStruct = ObjectWriter<'o>;
    type SerializeStructVariant = ser::Impossible<u32, Unwritable>;

    integers!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128, serialize_u8 u8,
        serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    );

    fn serialize_bool(self, value: bool) -> Result<u32, Unwritable> {
        Ok(if value { ENTRY_TRUE } else { ENTRY_FALSE })
    }

    fn serialize_f32(self, _: f32) -> Result<u32, Unwritable> {
        Err(ser::Error::custom("a binary float"))
    }

    fn serialize_f64(self, _: f64) -> Result<u32, Unwritable> {
        Err(ser::Error::custom("a binary float"))
    }

    fn serialize_char(self, value: char) -> Result<u32, Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<u32, Unwritable> {
        self.scratch.bytes.extend_from_slice(text.as_bytes());
        Ok(ENTRY_STRING)
    }

    fn collect_str<T: Display + ?Sized>(self, text: &T) -> Result<u32, Unwritable> {
        use std::io::Write;
        write!(self.scratch.bytes, "{text}").map_err(ser::Error::custom)?;
        Ok(ENTRY_STRING)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<u32, Unwritable> {
        Err(ser::Error::custom("bytes"))
    }

    fn serialize_none(self) -> Result<u32, Unwritable> {
        Ok(ENTRY_NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u32, Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<u32, Unwritable> {
        Ok(ENTRY_NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u32, Unwritable> {
        Ok(ENTRY_NULL)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<u32, Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<u32, Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<u32, Unwritable> {
        Err(ser::Error::custom("a variant with a value"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<ArrayWriter<'o>, Unwritable> {
        Ok(ArrayWriter { place: self.scratch.place(), scratch: self.scratch })
    }

    fn serialize_tuple(self, _: usize) -> Result<ArrayWriter<'o>, Unwritable> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(ser::Error::custom("a tuple struct"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(ser::Error::custom("a variant with values"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<ObjectWriter<'o>, Unwritable> {
        Ok(ObjectWriter { place: self.scratch.place(), scratch: self.scratch, is_number: false })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<ObjectWriter<'o>, Unwritable> {
        Ok(ObjectWriter { place: self.scratch.place(), scratch: self.scratch, is_number: name == NUMBER_TEXT })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        Err(ser::Error::custom("a variant with fields"))
    }
}
