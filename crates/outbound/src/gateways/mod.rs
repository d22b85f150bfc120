//! Payment gateways. Each is one file behind `engine::ports::Gateway`.

mod cards;
pub mod test;
