//! The iterator over the products of a file.
//!
//! It holds one product at a time and hands it out when the next handle begins. A faulty product is reported in its
//! place and the reading goes on; after a fatal error or the end there is nothing more, and a product that was being
//! read when the fatal error struck is not handed out.

use super::columns::Columns;
use super::draft::{Draft, Seen};
use super::error::{FatalError, ReadError};
use super::limits;
use super::model::ShopProduct;
use super::rows::Rows;
use super::source::Source;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the file does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Decimals of the currency of all prices in the file: 2 for euro, 0 for yen, 3 for dinar.
    pub currency_exponent: u8,
}

/// How far the reading has come; clones watch the same reading, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    bytes: Arc<AtomicU64>,
    rows: Arc<AtomicU64>,
}

impl Progress {
    /// Bytes taken from the underlying stream (compressed ones, if it is): ends at the file's size.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Rows read, without the header and blank rows.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }
}

/// The products of a Shopify product CSV, plain or gzip-compressed. Nothing is read before the first `next`.
///
/// The reader is buffered inside; a plain `File` will do.
pub fn read<R: Read>(reader: R, options: Options) -> Products<R> {
    let progress = Progress::default();
    Products {
        rows: Rows::new(Source::new(reader, Arc::clone(&progress.bytes))),
        options,
        progress,
        columns: None,
        current: None,
        seen: Seen::default(),
        ended: false,
    }
}

/// See [`read`].
#[derive(Debug)]
pub struct Products<R> {
    rows: Rows<Source<R>>,
    options: Options,
    progress: Progress,
    columns: Option<Columns>,
    current: Option<Draft>,
    seen: Seen,
    ended: bool,
}

impl<R: Read> Products<R> {
    /// A handle to watch the reading while the iterator is in use.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Reads up to the end of the next product; `None` at the end of the file.
    fn advance(&mut self) -> Result<Option<ShopProduct>, ReadError> {
        let columns = match &self.columns {
            Some(columns) => columns,
            None => {
                let header = self.rows.next_row()?.ok_or(FatalError::Empty)?;
                self.columns.insert(Columns::from_header(header)?)
            }
        };
        while let Some(row) = self.rows.next_row()? {
            if row.is_blank() {
                continue;
            }
            if self.progress.rows.fetch_add(1, Ordering::Relaxed) >= limits::ROWS {
                return Err(FatalError::TooManyRows { line: row.line }.into());
            }
            let finished = self.current.take_if(|draft| !draft.continues_with(row, columns));
            let draft = self.current.get_or_insert_with(|| Draft::begin(row, columns, &mut self.seen));
            draft.add(row, columns, &mut self.seen, self.options.currency_exponent);
            if let Some(finished) = finished {
                return Ok(Some(finished.finish(columns)?));
            }
        }
        self.ended = true;
        Ok(self.current.take().map(|draft| draft.finish(columns)).transpose()?)
    }
}

impl<R: Read> Iterator for Products<R> {
    type Item = Result<ShopProduct, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let product = self.advance().transpose();
        if matches!(product, Some(Err(ReadError::Fatal(_)))) {
            self.ended = true;
        }
        product
    }
}

impl<R: Read> std::iter::FusedIterator for Products<R> {}
