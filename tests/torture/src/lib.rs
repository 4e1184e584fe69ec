//! What the torture run, the model and the test of stored carts share: a connection to the server under test, random
//! cases, and counted checks.

pub mod cases;
pub mod checks;
pub mod definitions;
pub mod money;
pub mod processor;
pub mod server;
