//! Who is logged in, as the storefront keeps it.

use super::time;
use domain::user::User;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The account; what nobody said is empty.
pub fn account(user: &User) -> Value {
    let said = |key: &str| user.customer_metadata.get(key).cloned().unwrap_or(Value::Null);
    let text = |key: &str| user.customer_metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let hashed: String =
        Sha256::digest(user.email.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "pk": user.id.0,
        "username": user.email,
        "email": user.email,
        "first_name": text("first_name"),
        "last_name": text("last_name"),
        "phone": said("phone"),
        "gender": said("gender"),
        "date_of_birth": said("date_of_birth"),
        "email_allowed": said("email_allowed") == Value::Bool(true),
        "sms_allowed": said("sms_allowed") == Value::Bool(true),
        "is_active": true,
        "date_joined": time(user.created_at),
        "last_login": null,
        "hashed_email": hashed,
    })
}
