//! How documents are written into rows: a format byte, a version byte, a checksum, then the document.
//!
//! The one place that knows the format, so that another one can be added beside it. A flipped bit is an error
//! here and never a wrong amount; a document of an unknown format or version is refused.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON behind a CRC-32 of its bytes.
const JSON: u8 = b'J';
const VERSION: u8 = 1;
const HEAD: usize = 6;
/// Room that most documents need; an event takes a quarter of it, an order four times as much.
const USUAL_BYTES: usize = 512;

#[derive(Debug, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("the document's format {0} is unknown")]
    Format(u8),
    #[error("the document's version {0} is unknown")]
    Version(u8),
    #[error("the document is damaged: its checksum does not match")]
    Damaged,
    #[error("the document cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

pub(crate) fn encode<T: Serialize>(document: &T) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.extend([JSON, VERSION, 0, 0, 0, 0]);
    serde_json::to_writer(&mut bytes, document)?;
    let checksum = crc32fast::hash(&bytes[HEAD..]).to_le_bytes();
    bytes[2..HEAD].copy_from_slice(&checksum);
    Ok(bytes)
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or(CodecError::Damaged)?;
    if head[0] != JSON {
        return Err(CodecError::Format(head[0]));
    }
    if head[1] != VERSION {
        return Err(CodecError::Version(head[1]));
    }
    if crc32fast::hash(body).to_le_bytes() != head[2..HEAD] {
        return Err(CodecError::Damaged);
    }
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_as_they_were() {
        let document = vec![("a".to_owned(), 1), ("ä".to_owned(), -2)];
        assert_eq!(decode::<Vec<(String, i32)>>(&encode(&document).unwrap()).unwrap(), document);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = encode(&1234567).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode::<i64>(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(decode::<i64>(&bytes[..length]).is_err(), "cut at {length}");
        }
    }
}
