//! Reading a definition that a user sent, stored or as a draft.

use promotion_core::definition::Definition;
use promotion_core::error::InputError;
use promotion_core::settings::Settings;

use crate::jsonb::Jsonb;

/// Largest definition, in bytes of jsonb.
const MAX_DEFINITION_BYTES: usize = 4 << 20;

/// Reads and checks a definition, whose size is bounded before any other work.
pub fn read_definition(view: Jsonb<'_>, settings: &Settings) -> Result<Definition, InputError> {
    if view.size() > MAX_DEFINITION_BYTES {
        return Err(InputError::new("expected a definition of at most 4 MiB"));
    }
    Definition::parse(view, settings)
}
