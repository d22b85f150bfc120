//! The HTTP kit: what every API needs and no API owns.
//!
//! A request of any encoding becomes one [`Params`] tree (`body`, `json`, `nesting`, `multipart`), the card
//! guard looks at that tree before anyone else does (`card_guard`), and lists are filtered and paged the same
//! way everywhere (`filter`, `paging`). Every bound is a constant in `limits`.
//!
//! Nothing in here knows the name of an API, reads a store or keeps state: all of it is plain functions on
//! values. The shape and words of a refusal belong to the API that asked.

pub mod body;
pub mod card_guard;
pub mod filter;
pub mod filter_value;
pub mod format;
mod json;
pub mod limits;
mod multipart;
mod nesting;
pub mod paging;
pub mod params;
pub mod password;
pub mod phone;
pub mod value;

pub use body::{ParseError, ParseErrorKind, RawRequest, parse};
pub use limits::Limits;
pub use params::{Params, UploadedFile};
pub use value::{Map, Value};
