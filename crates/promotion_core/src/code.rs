//! Promo codes as texts: those that users bring, and the pattern of those that are made (spec/lifecycle.md, "Codes").

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::error::InputError;

/// Longest code, in characters.
pub const MAX_CHARACTERS: usize = 64;

/// What is wrong with the text of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// It is empty, or has white space, a comma or a control character.
    Character,
    /// It has more than 64 characters.
    TooLong,
}

/// A code as it is stored and compared: without case.
pub fn code_key(code: &str) -> String {
    code.to_uppercase()
}

/// Checks a new code and answers how it is stored.
///
/// # Errors
/// What is wrong with it.
pub fn new_code(code: &str) -> Result<String, CodeFault> {
    if code.is_empty() || code.contains([',']) || code.contains(char::is_whitespace) || !is_printable(code) {
        return Err(CodeFault::Character);
    }
    let key = code_key(code);
    // Upper case may be longer: ß becomes SS.
    if key.chars().count() > MAX_CHARACTERS { Err(CodeFault::TooLong) } else { Ok(key) }
}

/// Whether every character shows: no controls, no format characters (zero-width spaces, byte order marks,
/// direction overrides), nothing private or unassigned. What the standard library would print escaped
/// is what does not show, but for quotes and backslashes, and for marks at the beginning.
fn is_printable(text: &str) -> bool {
    let shown: String = std::iter::once('x').chain(text.chars().filter(|c| !['"', '\'', '\\'].contains(c))).collect();
    shown.escape_debug().eq(shown.chars())
}

/// How long codes are that are made, in characters, their prefix included.
const LENGTHS: RangeInclusive<i64> = 6..=39;

/// How long they are unless it is said.
const USUAL_LENGTH: i64 = 12;

/// What they are made of unless it is said: no 0 and O, 1 and I, which people mistake for one another.
const USUAL_ALPHABET: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// How many codes of a pattern must be possible for each that is made, so that they can't be guessed.
const LEAST_POSSIBLE_FOR_EACH: u128 = 1_000;

/// From how many possible codes on two calls at once hardly ever draw the same one.
const LEAST_UNCROWDED: u128 = 1_000_000_000_000;

/// What codes look like that are made: a prefix, then characters drawn from an alphabet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePattern {
    prefix: String,
    alphabet: Vec<char>,
    drawn: u32,
}

impl CodePattern {
    /// Checks the pattern of `count` codes; what is not given is as usual.
    ///
    /// # Errors
    /// What is wrong with it, with its key; too few possible codes to be unguessable.
    pub fn new(
        length: Option<i64>,
        prefix: Option<&str>,
        alphabet: Option<&str>,
        count: u64,
    ) -> Result<Self, InputError> {
        let prefix = letters_and_digits(prefix.unwrap_or("")).map_err(|error| error.under_key("prefix"))?;
        let given =
            letters_and_digits(alphabet.unwrap_or(USUAL_ALPHABET)).map_err(|error| error.under_key("alphabet"))?;
        let alphabet: BTreeSet<char> = given.chars().collect();
        if alphabet.len() < given.len() || alphabet.len() < 2 {
            let error = InputError::new("expected two letters or digits at least, each once without regard to case");
            return Err(error.under_key("alphabet"));
        }
        let length = length.unwrap_or(USUAL_LENGTH);
        let drawn = length - prefix.len() as i64;
        let at_length = |expected: String| InputError::new(expected).under_key("length");
        if !LENGTHS.contains(&length) {
            return Err(at_length(format!("expected {} to {}, found {length}", LENGTHS.start(), LENGTHS.end())));
        }
        let possible = u32::try_from(drawn).ok().map(|drawn| (alphabet.len() as u128).saturating_pow(drawn));
        match (possible, u32::try_from(drawn)) {
            (Some(possible), Ok(drawn)) if possible >= u128::from(count) * LEAST_POSSIBLE_FOR_EACH => {
                Ok(Self { prefix, alphabet: alphabet.into_iter().collect(), drawn })
            }
            _ => Err(at_length(format!(
                "expected more characters beside the prefix: {count} codes of these could be guessed"
            ))),
        }
    }

    /// Whether so few codes are possible that two calls at once may well draw the same ones.
    pub fn is_crowded(&self) -> bool {
        (self.alphabet.len() as u128).saturating_pow(self.drawn) < LEAST_UNCROWDED
    }

    /// A code; `draw` answers a number below the one it is given, each as likely as the others.
    pub fn code(&self, mut draw: impl FnMut(usize) -> usize) -> String {
        let mut code = self.prefix.clone();
        code.extend((0..self.drawn).map(|_| self.alphabet[draw(self.alphabet.len())]));
        code
    }
}

/// A text in upper case, of letters and digits that every keyboard has.
fn letters_and_digits(text: &str) -> Result<String, InputError> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(InputError::new("expected the letters A to Z and digits only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_checked_and_stored_in_upper_case() {
        assert_eq!(new_code("Save-10%"), Ok("SAVE-10%".to_owned()));
        assert_eq!(new_code("größe"), Ok("GRÖSSE".to_owned()));
        assert_eq!(new_code(&"a".repeat(64)), Ok("A".repeat(64)));
        assert_eq!(new_code(&"a".repeat(65)), Err(CodeFault::TooLong));
        assert_eq!(new_code("'\"\\"), Ok("'\"\\".to_owned()));
        assert_eq!(new_code("e\u{301}te\u{301}"), Ok("E\u{301}TE\u{301}".to_owned()));
        assert_eq!(new_code("\u{939}\u{93f}\u{928}"), Ok("\u{939}\u{93f}\u{928}".to_owned()));
        let invisible = ["\u{feff}A", "A\u{200b}B", "\u{ad}", "\u{e000}", "a\u{202e}b", "\u{10ffff}"];
        for code in ["", "a b", "a,b", "a\tb", "a\u{a0}b", "\u{7}"].into_iter().chain(invisible) {
            assert_eq!(new_code(code), Err(CodeFault::Character), "{code:?}");
        }
    }

    #[test]
    fn codes_are_made_of_their_prefix_and_alphabet() {
        let pattern = CodePattern::new(Some(8), Some("xm"), Some("ab1"), 0).expect("a pattern");
        let mut drawn = [0, 1, 2, 2, 1, 0].into_iter();
        let draw = |below: usize| {
            assert_eq!(below, 3);
            drawn.next().expect("six characters")
        };
        assert_eq!(pattern.code(draw), "XM1ABBA1");
        let usual = CodePattern::new(None, None, None, 1_000_000).expect("a pattern");
        assert!(pattern.is_crowded() && !usual.is_crowded());
        assert_eq!(usual.code(|below| below - 1), "Z".repeat(12));
    }

    #[test]
    fn patterns_that_are_none_are_refused_by_their_key() {
        let refused = |length, prefix, alphabet, count| {
            CodePattern::new(length, prefix, alphabet, count).expect_err("an error").to_string()
        };
        for (length, prefix, alphabet, key) in [
            (Some(5), None, None, "length"),
            (Some(40), None, None, "length"),
            (Some(6), Some("ABCDEFG"), None, "length"),
            (None, Some("a-b"), None, "prefix"),
            (None, Some("Ä"), None, "prefix"),
            (None, None, Some("a"), "alphabet"),
            (None, None, Some(""), "alphabet"),
            (None, None, Some("abA"), "alphabet"),
            (None, None, Some("ab c"), "alphabet"),
        ] {
            let error = refused(length, prefix, alphabet, 1);
            assert!(error.starts_with(key), "{error}");
        }
        // 32^6 is enough for a million codes, 10^6 not for a thousand and one.
        assert!(CodePattern::new(Some(6), None, None, 1_000_000).is_ok());
        assert!(CodePattern::new(Some(6), None, Some("0123456789"), 1_000).is_ok());
        assert!(refused(Some(6), None, Some("0123456789"), 1_001).starts_with("length"));
        assert!(CodePattern::new(Some(39), None, None, u64::MAX).is_ok());
    }
}
