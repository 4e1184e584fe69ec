//! What the torture run and the model share: a connection to the server under test, and counted checks.

pub mod checks;
pub mod definitions;
pub mod money;
pub mod server;
