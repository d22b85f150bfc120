//! Bodies read field by field, by the rules of Django REST Framework's serializers.
//!
//! All that is wrong is collected, never just the first. The protocol's schema allows an array of sentences or an array of
//! objects under a name and nothing else, so what is wrong inside an object is an array of one object, what is wrong inside a
//! list an array with one object an item (`{}` for good ones), and no array is ever empty.

mod errors;
mod form;
mod number;

pub use errors::Errors;
pub use form::{Form, Need, kind, uuid};
