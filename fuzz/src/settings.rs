//! promo_configure: settings are refused, or read again as they are written.

use promotion_core::error::InputError;
use promotion_core::json::{DEFINITION_LIMITS, Limits, REQUEST_LIMITS, read};
use promotion_core::settings::{Settings, SettingsPatch};
use serde_json::Value;

use crate::check::{json, parsed};

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    if let Ok(settings) = parsed("settings", input.len(), || patched(&json, REQUEST_LIMITS)) {
        let written = serde_json::to_value(&settings).expect("json");
        assert_eq!(patched(&written, REQUEST_LIMITS).as_ref(), Ok(&settings), "{written}");
        assert_eq!(patched(&written, DEFINITION_LIMITS).as_ref(), Ok(&settings), "{written}");
    }
    true
}

/// The default settings with some changed.
pub fn patched(json: &Value, limits: Limits) -> Result<Settings, InputError> {
    let patch: SettingsPatch<'_> = read(json, limits)?;
    Settings::default().patched(&patch)
}
