//! The catalogue around checkout: products, stock, places, people, and the shop's settings.
//!
//! Handlers only; each API has a page of routes to them. In a nested path `{id}` is the outer resource and
//! `{nested}` the inner one. Every change goes through the engine, is durable and seen by every later request
//! before it is answered.

pub mod address_book;
pub mod base;
pub mod call;
pub mod cards;
mod columns;
mod dialect;
pub(in crate::apis) mod fields;
pub mod geography;
pub mod images;
pub mod locations;
pub mod misc;
pub mod options;
mod patches;
pub mod products;
pub mod promotions;
pub mod properties;
pub mod routes;
pub mod stock;
pub mod stores;
pub mod taxons;
pub mod users;
pub mod variants;
pub mod zones;
