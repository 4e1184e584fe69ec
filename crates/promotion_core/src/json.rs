//! Typed reading of JSON from wherever it lies.
//!
//! [`View`] is what a JSON value looks like from outside: the PostgreSQL layer implements it over
//! the binary `jsonb` as it came from the server, [`serde_json::Value`] implements it here for
//! tests and tools. [`read`] deserializes any serde type from a view: strings are borrowed, numbers
//! are never turned into a binary float, and an error knows its JSON path without any cost to a
//! call that has none. Nesting and string lengths are bounded while reading (spec/api.md, limits).

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use crate::error::{InputError, quoted};

/// A JSON number as it was written, not yet measured against any limit.
pub trait NumberView {
    /// Mantissa and scale (value = mantissa / 10^scale, no trailing zeros of the fraction), or
    /// None where the mantissa has more than 37 digits or the scale is over 37.
    fn decimal(&self) -> Option<(i128, u32)>;
    /// Whether it was written with a fraction, be it zeros.
    fn has_fraction(&self) -> bool;
    /// The number's exact text.
    fn text(&self) -> String;
    /// How many digits that text has, or more.
    fn digits(&self) -> usize;
}

/// Most digits of a number that is kept as it was written: a short one such as 1e100000 would be a long text.
const MOST_DIGITS: usize = 1_000;

/// What a JSON value is.
pub enum Node<'a, V: View<'a>> {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// a number
    Number(V::Number),
    /// a string
    String(&'a str),
    /// an array
    Array(V::Items),
    /// an object; keys are unique
    Object(V::Entries),
}

/// A JSON value that can be looked at.
pub trait View<'a>: Copy {
    /// Its numbers.
    type Number: NumberView;
    /// Iterates over an array.
    type Items: Iterator<Item = Self>;
    /// Iterates over an object.
    type Entries: Iterator<Item = (&'a str, Self)>;
    /// What this value is. An error is for text that is no valid UTF-8.
    fn node(self) -> Result<Node<'a, Self>, InputError>;
}

/// Bounds that hold for every value of one input.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Deepest nesting of arrays and objects, the outermost counting 1.
    pub nesting: u32,
    /// Longest string, in characters.
    pub string_characters: usize,
}

/// The limits of one request (spec/api.md, "Limits of one request").
pub const REQUEST_LIMITS: Limits = Limits { nesting: 32, string_characters: 250 };

/// The limits of a definition: conditions nest to 16, each level being two of JSON, and free texts
/// (messageLabel, customFieldValues) may be longer than a request's strings.
pub const DEFINITION_LIMITS: Limits = Limits { nesting: 64, string_characters: 1_000 };

/// Of what the engine stored itself, nothing is too long.
pub const STORED_LIMITS: Limits = Limits { nesting: 64, string_characters: usize::MAX };

/// Reads a typed value.
pub fn read<'a, V: View<'a>, T: de::Deserialize<'a>>(view: V, limits: Limits) -> Result<T, InputError> {
    T::deserialize(Reader::new(view, 0, limits))
}

/// The newtype name by which a type asks for an exact number: a JSON number arrives as
/// [`Visitor::visit_i128`] in millionths, or as a float where it has too many digits for that, a string
/// as text for the type to read itself.
pub(crate) const EXACT_NUMBER: &str = "$promotion_core::exact_number";

/// The newtype name by which a type asks for a number's text, which arrives as bytes: nothing else in
/// JSON does, so that no object can be taken for a number (nor the other way round).
pub(crate) const NUMBER_TEXT: &str = "$promotion_core::number_text";

struct Reader<'a, V: View<'a>> {
    view: V,
    depth: u32,
    limits: Limits,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a, V: View<'a>> Reader<'a, V> {
    fn new(view: V, depth: u32, limits: Limits) -> Self {
        Self { view, depth, limits, lifetime: std::marker::PhantomData }
    }

    fn bounded(&self, text: &'a str) -> Result<&'a str, InputError> {
        // No string has more characters than bytes, so most need no counting.
        if text.len() > self.limits.string_characters && text.chars().count() > self.limits.string_characters {
            return Err(InputError::new(format!(
                "expected at most {} characters, found {}",
                self.limits.string_characters,
                quoted(text)
            )));
        }
        Ok(text)
    }

    fn deeper(&self) -> Result<u32, InputError> {
        if self.depth >= self.limits.nesting {
            return Err(InputError::new(format!("expected at most {} levels of nesting", self.limits.nesting)));
        }
        Ok(self.depth + 1)
    }

    fn visit<W: Visitor<'a>>(
        self,
        visitor: W,
        number: impl FnOnce(V::Number, W) -> Result<W::Value, InputError>,
    ) -> Result<W::Value, InputError> {
        match self.view.node()? {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Number(value) => number(value, visitor),
            Node::String(text) => visitor.visit_borrowed_str(self.bounded(text)?),
            Node::Array(items) => {
                let depth = self.deeper()?;
                visitor.visit_seq(ItemsReader::<V> {
                    items,
                    index: 0,
                    depth,
                    limits: self.limits,
                    lifetime: self.lifetime,
                })
            }
            Node::Object(entries) => {
                let depth = self.deeper()?;
                visitor.visit_map(EntriesReader::<V> {
                    entries,
                    current: None,
                    depth,
                    limits: self.limits,
                    lifetime: self.lifetime,
                })
            }
        }
    }

    /// For a type that said what it wants: whole numbers of 64 bits, or an error that names it.
    fn visit_hinted<W: Visitor<'a>>(self, visitor: W) -> Result<W::Value, InputError> {
        self.visit(visitor, |number, visitor| match whole(&number) {
            Some(value) => visitor.visit_i64(value),
            // No type of this crate takes a float: this is the visitor's own "wrong type" error.
            None => visitor.visit_f64(f64::NAN),
        })
    }
}

/// The number as an integer that was written as one.
fn whole(number: &impl NumberView) -> Option<i64> {
    match number.decimal() {
        Some((mantissa, 0)) if !number.has_fraction() => i64::try_from(mantissa).ok(),
        _ => None,
    }
}

macro_rules! hinted {
    ($($method:ident)*) => {$(
        fn $method<W: Visitor<'a>>(self, visitor: W) -> Result<W::Value, InputError> {
            self.visit_hinted(visitor)
        }
    )*};
}

impl<'a, V: View<'a>> Deserializer<'a> for Reader<'a, V> {
    type Error = InputError;

    fn deserialize_any<W: Visitor<'a>>(self, visitor: W) -> Result<W::Value, InputError> {
        self.visit_hinted(visitor)
    }

    hinted! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32
        deserialize_f64 deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_byte_buf deserialize_unit deserialize_seq deserialize_map deserialize_identifier
    }

    fn deserialize_option<W: Visitor<'a>>(self, visitor: W) -> Result<W::Value, InputError> {
        match self.view.node()? {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<W: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: W,
    ) -> Result<W::Value, InputError> {
        if name == NUMBER_TEXT {
            return self.visit(visitor, |number, visitor| {
                if number.digits() > MOST_DIGITS {
                    return Err(InputError::new(format!("expected a number of at most {MOST_DIGITS} digits")));
                }
                visitor.visit_bytes(number.text().as_bytes())
            });
        }
        if name != EXACT_NUMBER {
            return visitor.visit_newtype_struct(self);
        }
        self.visit(visitor, |number, visitor| {
            let millionths = number.decimal().and_then(|(mantissa, scale)| crate::money::millionths(mantissa, scale));
            match millionths {
                Some(value) => visitor.visit_i128(value),
                // The type knows how many digits it takes.
                None => visitor.visit_f64(f64::NAN),
            }
        })
    }

    fn deserialize_unit_struct<W: Visitor<'a>>(self, _: &'static str, visitor: W) -> Result<W::Value, InputError> {
        self.visit_hinted(visitor)
    }

    fn deserialize_tuple<W: Visitor<'a>>(self, _: usize, visitor: W) -> Result<W::Value, InputError> {
        self.visit_hinted(visitor)
    }

    fn deserialize_tuple_struct<W: Visitor<'a>>(
        self,
        _: &'static str,
        _: usize,
        visitor: W,
    ) -> Result<W::Value, InputError> {
        self.visit_hinted(visitor)
    }

    fn deserialize_struct<W: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: W,
    ) -> Result<W::Value, InputError> {
        match self.view.node()? {
            // A derived struct would read an array as its fields in order: no caller means that.
            Node::Array(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &visitor)),
            _ => self.visit_hinted(visitor),
        }
    }

    fn deserialize_enum<W: Visitor<'a>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: W,
    ) -> Result<W::Value, InputError> {
        match self.view.node()? {
            Node::String(text) => visitor.visit_enum(self.bounded(text)?.into_deserializer()),
            _ => self.visit_hinted(WordExpected(variants)).map(|never| match never {}),
        }
    }

    fn deserialize_ignored_any<W: Visitor<'a>>(self, visitor: W) -> Result<W::Value, InputError> {
        visitor.visit_unit()
    }
}

/// A visitor that refuses whatever it is given, saying which words it wanted.
struct WordExpected(&'static [&'static str]);

enum Never {}

impl<'a> Visitor<'a> for WordExpected {
    type Value = Never;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }
}

struct ItemsReader<'a, V: View<'a>> {
    items: V::Items,
    index: usize,
    depth: u32,
    limits: Limits,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a, V: View<'a>> de::SeqAccess<'a> for ItemsReader<'a, V> {
    type Error = InputError;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, InputError> {
        let Some(view) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader::new(view, self.depth, self.limits)).map(Some).map_err(|error| error.under_index(index))
    }
}

struct EntriesReader<'a, V: View<'a>> {
    entries: V::Entries,
    current: Option<(&'a str, V)>,
    depth: u32,
    limits: Limits,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a, V: View<'a>> de::MapAccess<'a> for EntriesReader<'a, V> {
    type Error = InputError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, InputError> {
        self.current = self.entries.next();
        let Some((key, _)) = self.current else { return Ok(None) };
        if key.chars().count() > self.limits.string_characters {
            return Err(InputError::new(format!(
                "expected keys of at most {} characters, found {}",
                self.limits.string_characters,
                quoted(key)
            )));
        }
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key))
            .map(Some)
            .map_err(|error: InputError| error.under_key(key))
    }

    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, InputError> {
        let Some((key, view)) = self.current.take() else {
            return Err(InputError::new("expected a key before its value"));
        };
        seed.deserialize(Reader::new(view, self.depth, self.limits)).map_err(|error| error.under_key(key))
    }
}

/// Any JSON at all, kept as it is: the caller's own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyJson(pub serde_json::Value);

impl<'de> de::Deserialize<'de> for AnyJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NUMBER_TEXT, AnyJsonVisitor).map(Self)
    }
}

struct AnyJsonVisitor;

impl<'de> Visitor<'de> for AnyJsonVisitor {
    type Value = serde_json::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(serde_json::Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<Self::Value, E> {
        let number = std::str::from_utf8(number).map_err(E::custom)?;
        number.parse::<serde_json::Number>().map(serde_json::Value::Number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut array = Vec::new();
        while let Some(AnyJson(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((key, AnyJson(value))) = entries.next_entry::<String, AnyJson>()? {
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

impl NumberView for &serde_json::Number {
    fn decimal(&self) -> Option<(i128, u32)> {
        let text = self.text();
        let exact = rust_decimal::Decimal::from_str_exact(&text)
            .or_else(|_| rust_decimal::Decimal::from_scientific(&text))
            .ok()?
            .normalize();
        Some((exact.mantissa(), exact.scale()))
    }

    fn has_fraction(&self) -> bool {
        self.text().contains(['.', 'e', 'E'])
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn digits(&self) -> usize {
        self.as_str().len()
    }
}

impl<'a> View<'a> for &'a serde_json::Value {
    type Number = &'a serde_json::Number;
    type Items = std::slice::Iter<'a, serde_json::Value>;
    type Entries = ObjectEntries<'a>;

    fn node(self) -> Result<Node<'a, Self>, InputError> {
        Ok(match self {
            serde_json::Value::Null => Node::Null,
            serde_json::Value::Bool(value) => Node::Bool(*value),
            serde_json::Value::Number(number) => Node::Number(number),
            serde_json::Value::String(text) => Node::String(text),
            serde_json::Value::Array(items) => Node::Array(items.iter()),
            serde_json::Value::Object(entries) => Node::Object(ObjectEntries(entries.iter())),
        })
    }
}

/// The entries of a [`serde_json::Map`].
pub struct ObjectEntries<'a>(serde_json::map::Iter<'a>);

impl<'a> Iterator for ObjectEntries<'a> {
    type Item = (&'a str, &'a serde_json::Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }
}
