//! Addresses that buyers are given, and how they are read back.
//!
//! | address | what opens it |
//! | --- | --- |
//! | `/cart?guest_token=…&id=NUMBER`, `/cart/checkout/NUMBER?guest_token=…` | the order's secret |
//! | `/tickets/{ticket id}-{key}.pdf` | the ticket's own secret |
//! | `/tickets/order/{order id}-{key}.pdf` and `.ics` | a key derived from the order's secret |
//!
//! Every key has 128 bits. The id beside it only says where to look; a wrong key is answered as an unknown id is. A
//! ticket's address opens that ticket and nothing else, so it can be passed on. The address of all tickets does not
//! tell the order's secret, which could change the order: its key is a hash of it, and nothing more is stored.

use domain::order::{Order, Secret, Ticket};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use subtle::ConstantTimeEq;

/// Where the pages of orders live.
pub const CART: &str = "/cart";

/// What a file's name says: an id, and the key that has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub id: i64,
    key: [u8; 16],
}

impl Name {
    /// Reads `{id}-{32 hexadecimal digits}` and the ending. Anything else is no name.
    pub fn read(file: &str, ending: &str) -> Option<Name> {
        let (id, key) = file.strip_suffix(ending)?.split_once('-')?;
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let key = crate::server::secret_of(key).filter(|_| plain && key.len() == 32)?;
        Some(Name { id: id.parse().ok()?, key: key.0 })
    }

    /// Whether the key is this one, in constant time.
    pub fn fits(&self, key: &[u8; 16]) -> bool {
        self.key.ct_eq(key).into()
    }
}

/// The order's own page.
pub fn cart(base: &str, order: &Order) -> String {
    format!("{base}{CART}?guest_token={}&id={}", hex(&order.secret.0), order.number)
}

/// The order's own page, where its checkout stands.
pub fn checkout(base: &str, order: &Order) -> String {
    format!("{base}{CART}/checkout/{}?guest_token={}", order.number, hex(&order.secret.0))
}

/// One ticket as a PDF.
pub fn ticket(base: &str, ticket: &Ticket) -> String {
    format!("{base}/tickets/{}-{}.pdf", ticket.id, hex(&ticket.secret.0))
}

/// All tickets of an order as one PDF.
pub fn all_tickets(base: &str, order: &Order) -> String {
    format!("{base}/tickets/order/{}-{}.pdf", order.id, hex(&file_key(order)))
}

/// The events of an order's tickets as a calendar file.
pub fn calendar(base: &str, order: &Order) -> String {
    format!("{base}/tickets/order/{}-{}.ics", order.id, hex(&file_key(order)))
}

/// The key to the file with all tickets: half of a hash of the order's secret.
pub fn file_key(order: &Order) -> [u8; 16] {
    let hash = Sha256::new()
        .chain_update(b"all tickets of an order\0")
        .chain_update(order.secret.0)
        .chain_update(order.id.0.to_be_bytes())
        .finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

/// A secret as links write it.
pub fn secret(secret: Secret) -> String {
    hex(&secret.0)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_exactly() {
        let key = "0f".repeat(16);
        let name = Name::read(&format!("12-{key}.pdf"), ".pdf").expect("a name");
        assert!(name.id == 12 && name.fits(&[0x0f; 16]) && !name.fits(&[0x0e; 16]));
        let nearly = [
            format!("12-{key}"),
            format!("-12-{key}.pdf"),
            format!("+12-{key}.pdf"),
            format!("-{key}.pdf"),
            format!("12-{}.pdf", &key[1..]),
            format!("12-{}.pdf", "A".repeat(22)),
            format!("99999999999999999999-{key}.pdf"),
            "12.pdf".into(),
            ".pdf".into(),
        ];
        for file in nearly {
            assert_eq!(Name::read(&file, ".pdf"), None, "{file}");
        }
    }
}
