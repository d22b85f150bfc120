//! Passwords: hashed with Argon2id, at a cost that is bounded for the whole process.
//!
//! One hash takes 19 MiB and some tens of milliseconds (the OWASP minimum), so a few at a time are made, away from
//! the threads that serve requests. The password itself is neither kept nor logged.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Hashes at a time; a flood of logins waits instead of eating the memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Longest password in bytes that is looked at; no honest one comes near.
const BYTES: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password is too long to be hashed")]
    TooLong,
    /// No memory, no randomness, or the process is ending.
    #[error("the password could not be hashed")]
    Failed,
}

/// The hash to store, as a PHC string with its own salt and cost.
///
/// # Errors
/// See [`PasswordError`].
pub async fn hash(password: String) -> Result<String, PasswordError> {
    let work = |password: &[u8]| Argon2::default().hash_password(password).map(|hash| hash.to_string());
    in_turn(password, work).await?.map_err(|_| PasswordError::Failed)
}

/// Whether `password` is the one that `hash` was made of. A hash that cannot be read matches nothing.
///
/// # Errors
/// See [`PasswordError`].
pub async fn verify(password: String, hash: String) -> Result<bool, PasswordError> {
    let work = move |password: &[u8]| Argon2::default().verify_password(password, hash.as_str()).is_ok();
    in_turn(password, work).await
}

async fn in_turn<T: Send + 'static>(
    password: String,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<T, PasswordError> {
    if password.len() > BYTES {
        return Err(PasswordError::TooLong);
    }
    let turn = TURNS.acquire().await.map_err(|_| PasswordError::Failed)?;
    // The turn goes along: a caller that leaves does not make room while the work still runs.
    let done = spawn_blocking(move || {
        let result = work(password.as_bytes());
        drop(turn);
        result
    });
    done.await.map_err(|_| PasswordError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let made = hash("spree123".to_owned()).await.unwrap();
        assert!(made.starts_with("$argon2id$") && !made.contains("spree123"));
        assert_ne!(hash("spree123".to_owned()).await.unwrap(), made, "each has a salt of its own");
        assert_eq!(verify("spree123".to_owned(), made.clone()).await, Ok(true));
        assert_eq!(verify("spree124".to_owned(), made).await, Ok(false));
        assert_eq!(verify("spree123".to_owned(), "junk".to_owned()).await, Ok(false));
        assert_eq!(hash("x".repeat(BYTES + 1)).await, Err(PasswordError::TooLong));
    }
}
