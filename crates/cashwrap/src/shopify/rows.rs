//! Splitting bytes into CSV rows with a bound on everything, and knowing the line on which each begins.
//!
//! Built on the incremental CSV automaton rather than the usual reader on top of it, because that one lets a quote that
//! is never closed pull the rest of the file into memory, ends such a row without a word, and counts blank lines
//! to the row that follows. Blank lines are skipped; fields are bytes, as nothing is known yet of their encoding.

use super::{error::FatalError, limits};
use csv_core::ReadRecordResult;
use std::io::{self, Read};

const BUFFER: usize = 64 * 1024;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// One row, borrowed from the reader's buffers.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Line on which the row begins, from 1.
    pub line: u64,
    text: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field's bytes with quotes resolved; `None` beyond the last.
    pub fn field(&self, index: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.text.get(start..end)
    }

    /// Nothing but separators and white space, as spreadsheets leave behind.
    pub fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }
}

/// Counts lines whether they end in LF, CR LF or CR alone.
#[derive(Debug)]
struct LineCount {
    line: u64,
    after_cr: bool,
}

impl LineCount {
    fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let ends_line = byte == b'\r' || (byte == b'\n' && !self.after_cr);
            self.line += u64::from(ends_line);
            self.after_cr = byte == b'\r';
        }
    }
}

/// The rows of a stream, one after the other.
#[derive(Debug)]
pub struct Rows<R> {
    reader: R,
    core: csv_core::Reader,
    input: Vec<u8>,
    /// Unread part of `input`.
    from: usize,
    to: usize,
    begun: bool,
    ended: bool,
    lines: LineCount,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Rows<R> {
    /// Reads nothing yet.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            core: csv_core::Reader::new(),
            input: vec![0; BUFFER],
            from: 0,
            to: 0,
            begun: false,
            ended: false,
            lines: LineCount { line: 1, after_cr: false },
            text: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// The next row that is not an empty line, or `None` at the end of the stream.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, FatalError> {
        let (mut text_len, mut fields) = (0, 0);
        let mut begun_on = None;
        loop {
            if self.from == self.to && !self.ended {
                self.fill()?;
            }
            if self.from == self.to {
                let Some(line) = begun_on else { return Ok(None) };
                fields += self.close_last_row(line, text_len, fields)?;
                return Ok(Some(self.row(line, text_len, fields)));
            }
            let line = match begun_on {
                Some(line) => line,
                None if self.skip_line_ends() => *begun_on.insert(self.lines.line),
                None => continue,
            };
            let (result, read, wrote, ended) = self.core.read_record(
                &self.input[self.from..self.to],
                &mut self.text[text_len..],
                &mut self.ends[fields..],
            );
            self.lines.pass(&self.input[self.from..self.from + read]);
            self.from += read;
            text_len += wrote;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_text(line)?,
                ReadRecordResult::OutputEndsFull => self.grow_ends(line)?,
                ReadRecordResult::Record => return Ok(Some(self.row(line, text_len, fields))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn row(&self, line: u64, text_len: usize, fields: usize) -> Row<'_> {
        Row { line, text: &self.text[..text_len], ends: &self.ends[..fields] }
    }

    /// Skips line ends in front of a row; whether a byte of the row is in the buffer.
    fn skip_line_ends(&mut self) -> bool {
        let unread = &self.input[self.from..self.to];
        let skipped = unread.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.lines.pass(&unread[..skipped]);
        self.from += skipped;
        self.from < self.to
    }

    /// Ends the last row of a file without a final line end; returns the number of fields added (one).
    ///
    /// A line end ends every row but one that is inside quotes: then the file was cut short.
    fn close_last_row(&mut self, line: u64, text_len: usize, fields: usize) -> Result<usize, FatalError> {
        // The automaton does nothing without room, even where it has nothing to write.
        if fields == self.ends.len() {
            self.grow_ends(line)?;
        }
        if text_len == self.text.len() {
            self.grow_text(line)?;
        }
        let (text, ends) = (&mut self.text[text_len..], &mut self.ends[fields..]);
        match self.core.read_record(b"\n", text, ends) {
            (ReadRecordResult::Record, _, _, ended) => Ok(ended),
            _ => Err(FatalError::UnclosedQuote { line }),
        }
    }

    fn grow_text(&mut self, line: u64) -> Result<(), FatalError> {
        if self.text.len() >= limits::ROW_BYTES {
            return Err(FatalError::RowTooLong { line });
        }
        self.text.resize((self.text.len() * 2).min(limits::ROW_BYTES), 0);
        Ok(())
    }

    fn grow_ends(&mut self, line: u64) -> Result<(), FatalError> {
        if self.ends.len() >= limits::COLUMNS {
            return Err(FatalError::TooManyFields { line });
        }
        self.ends.resize((self.ends.len() * 2).min(limits::COLUMNS), 0);
        Ok(())
    }

    /// Refills the empty buffer; at the very beginning until the byte order mark can be told.
    fn fill(&mut self) -> Result<(), FatalError> {
        self.from = 0;
        self.to = self.read_some(0)?;
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        while self.to < UTF8_MARK.len() && !self.ended {
            self.to += self.read_some(self.to)?;
        }
        let start = &self.input[..self.to];
        if UTF16_MARKS.iter().any(|mark| start.starts_with(mark)) {
            return Err(FatalError::Utf16);
        }
        if start.starts_with(UTF8_MARK) {
            self.from = UTF8_MARK.len();
        }
        Ok(())
    }

    fn read_some(&mut self, at: usize) -> Result<usize, FatalError> {
        loop {
            match self.reader.read(&mut self.input[at..]) {
                Ok(read) => {
                    self.ended = read == 0;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(FatalError::Io { line: self.lines.line, source }),
            }
        }
    }
}
