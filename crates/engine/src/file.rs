//! Files that staff hand in: pictures, named by what is in them.
//!
//! What a file is, its first bytes say and never whoever sent it: a page or a drawing that can run a script must not
//! be served as a picture. A [`File`] cannot hold anything else. Two files with the same bytes are one.

use crate::limits::FILE_BYTES;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The pictures that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Picture {
    fn of(bytes: &[u8]) -> Option<Picture> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Picture::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Picture::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Picture::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Picture::Webp),
            _ => None,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Picture::Png => "image/png",
            Picture::Jpeg => "image/jpeg",
            Picture::Gif => "image/gif",
            Picture::Webp => "image/webp",
        }
    }

    /// The end of the name it is served under, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Picture::Png => "png",
            Picture::Jpeg => "jpg",
            Picture::Gif => "gif",
            Picture::Webp => "webp",
        }
    }
}

/// SHA-256 of a file's bytes; as text, 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(pub [u8; 32]);

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text names no file: it has not 64 digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a file's key has 64 hexadecimal digits")]
pub struct NoFileKey;

impl FromStr for FileKey {
    type Err = NoFileKey;

    fn from_str(text: &str) -> Result<FileKey, NoFileKey> {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(NoFileKey),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?));
        let bytes: Vec<u8> = bytes.collect::<Result<_, NoFileKey>>()?;
        if rest.is_empty() { bytes.try_into().map(FileKey).map_err(|_| NoFileKey) } else { Err(NoFileKey) }
    }
}

/// Why bytes are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    #[error("a file has at most {FILE_BYTES} bytes")]
    TooLarge,
    #[error("only PNG, JPEG, GIF and WebP pictures are kept")]
    NoPicture,
}

/// A picture within its bound. Clones share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    picture: Picture,
    bytes: Arc<[u8]>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { picture, bytes } = self;
        f.debug_struct("File").field("picture", picture).field("bytes", &bytes.len()).finish()
    }
}

impl File {
    /// Looks at what the bytes are.
    ///
    /// # Errors
    /// More than [`FILE_BYTES`] bytes, or no picture.
    pub fn read(bytes: &[u8]) -> Result<File, NotKept> {
        if bytes.len() > FILE_BYTES {
            return Err(NotKept::TooLarge);
        }
        let picture = Picture::of(bytes).ok_or(NotKept::NoPicture)?;
        Ok(File { picture, bytes: bytes.into() })
    }

    pub fn picture(&self) -> Picture {
        self.picture
    }

    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Its name, computed from all its bytes.
    pub fn key(&self) -> FileKey {
        FileKey(Sha256::digest(&self.bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Result<&'static str, NotKept> {
        File::read(bytes).map(|file| file.picture().content_type())
    }

    #[test]
    fn the_first_bytes_say_what_a_file_is() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Ok("image/png")),
            (b"\xff\xd8\xff\xe0....", Ok("image/jpeg")),
            (b"GIF87a....", Ok("image/gif")),
            (b"GIF89a....", Ok("image/gif")),
            (b"RIFF\x04\0\0\0WEBPVP8 ", Ok("image/webp")),
            (b"RIFF\x04\0\0\0WAVEfmt ", Err(NotKept::NoPicture)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Err(NotKept::NoPicture)),
            (b"<!doctype html><script>", Err(NotKept::NoPicture)),
            (b"GIF88a", Err(NotKept::NoPicture)),
            (b" GIF89a", Err(NotKept::NoPicture)),
            (b"\x89PNG", Err(NotKept::NoPicture)),
            (b"", Err(NotKept::NoPicture)),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_file_is_bounded() {
        let mut bytes = b"GIF89a".to_vec();
        bytes.resize(FILE_BYTES, 0);
        assert_eq!(kind(&bytes), Ok("image/gif"));
        bytes.push(0);
        assert_eq!(kind(&bytes), Err(NotKept::TooLarge));
    }

    #[test]
    fn a_key_is_the_hash_of_the_bytes_and_has_one_spelling() {
        let key = File::read(b"GIF89a").unwrap().key();
        let text = key.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse(), Ok(key));
        assert_ne!(File::read(b"GIF89a.").unwrap().key(), key);
        for bad in ["", &text[2..], &format!("{text}00"), &format!("{text}0"), &text.to_uppercase(), "é"] {
            assert_eq!(bad.parse::<FileKey>(), Err(NoFileKey), "{bad}");
        }
    }
}
