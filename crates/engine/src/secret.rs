//! The store's own key, and the keys that are made of it, one for each purpose.
//!
//! The key itself never leaves this file: who learns the key of one purpose knows nothing of the others.

use crate::ask::Trouble;
use crate::engine::Engine;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

impl Engine {
    /// The key for one purpose, the same in every process on this store: HMAC-SHA256 of `label` under the store's
    /// own key.
    ///
    /// # Errors
    /// `Trouble::Unavailable`, if the store cannot be asked. It is asked once.
    pub async fn secret(&self, label: &str) -> Result<[u8; 32], Trouble> {
        let own = self.shared.secret.get_or_try_init(|| async {
            let mut fresh = [0u8; 32];
            self.shared.entropy.fill(&mut fresh);
            self.shared.store.secret(fresh).await
        });
        let own: &[u8; 32] = own.await?;
        Ok(derived(own, label))
    }
}

fn derived(own: &[u8; 32], label: &str) -> [u8; 32] {
    // A key is filled up with zeros to the length of a block, so this is the HMAC under the key itself.
    let mut block = [0u8; 64];
    block[..own.len()].copy_from_slice(own);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_own_key() {
        let own = [7; 32];
        assert_eq!(derived(&own, "session"), derived(&own, "session"));
        assert_ne!(derived(&own, "session"), derived(&own, "link"));
        assert_ne!(derived(&own, "session"), own);
    }
}
