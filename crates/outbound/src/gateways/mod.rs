//! Payment gateways. Each is one file behind `engine::ports::Gateway`.

pub mod platform;
pub mod test;
