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
    let allowed = |character: char| !character.is_whitespace() && !character.is_control() && character != ',';
    if code.is_empty() || !code.chars().all(allowed) {
        return Err(CodeFault::Character);
    }
    let key = code_key(code);
    // Upper case may be longer: ß becomes SS.
    if key.chars().count() > MAX_CHARACTERS { Err(CodeFault::TooLong) } else { Ok(key) }
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
        for code in ["", "a b", "a,b", "a\tb", "a\u{a0}b", "\u{7}"] {
            assert_eq!(new_code(code), Err(CodeFault::Character), "{code:?}");
        }
    }
}
