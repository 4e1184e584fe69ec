//! Promo codes as texts (spec/lifecycle.md, "Codes").

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
}
