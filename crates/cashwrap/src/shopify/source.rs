//! Where the bytes come from: a plain or gzip-compressed stream, counted as it is consumed.
//!
//! Compression is told by the first two bytes, not by the file's name. The count is of bytes taken from the
//! underlying stream, so it can be held against the file's size on disk. Never reads ahead further than a buffer.

use flate2::read::MultiGzDecoder;
use std::io::{self, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A stream that counts what is read from it.
#[derive(Debug)]
pub struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The bytes peeked at to recognise compression, then the rest.
type Peeked<R> = Chain<Cursor<Vec<u8>>, Counted<R>>;

/// The CSV's own bytes.
#[derive(Debug)]
pub enum Source<R> {
    /// Nothing read yet; `None` only for the moment of opening.
    Unopened(Option<Counted<R>>),
    Plain(Peeked<R>),
    Gzip(Box<MultiGzDecoder<Peeked<R>>>),
}

impl<R: Read> Source<R> {
    /// Reads nothing yet; `bytes` grows with what will be taken from `reader`.
    pub fn new(reader: R, bytes: Arc<AtomicU64>) -> Self {
        Self::Unopened(Some(Counted { inner: reader, bytes }))
    }

    fn open(mut counted: Counted<R>) -> io::Result<Self> {
        let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
        counted.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut magic)?;
        let compressed = magic == GZIP_MAGIC;
        let peeked = Cursor::new(magic).chain(counted);
        Ok(if compressed { Self::Gzip(Box::new(MultiGzDecoder::new(peeked))) } else { Self::Plain(peeked) })
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Unopened(waiting) = self {
            // After a failed opening nothing is left: the stream then reads as ended.
            let Some(counted) = waiting.take() else { return Ok(0) };
            *self = Self::open(counted)?;
        }
        match self {
            Self::Unopened(_) => Ok(0),
            Self::Plain(plain) => plain.read(buffer),
            Self::Gzip(gzip) => gzip.read(buffer),
        }
    }
}
