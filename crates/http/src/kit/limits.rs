//! The bounds on what one request may bring, each with its reason.
//!
//! They are checked while reading, before the value in question is built, so the cost of the worst request is
//! known. An API with a tighter documented bound passes its own [`Limits`]; none may pass a wider body than the
//! transport lets through.

/// Bytes of one request body. The largest honest body known is an order of about 1 100 lines (some 300 KiB of
/// JSON); five thousand lines with several fields still fit. More is answered 413.
pub const BODY_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a multipart body where a file may be handed in: the file, and its fields beside it.
pub const UPLOAD_BYTES: usize = engine::limits::FILE_BYTES + 64 * 1024;

/// Nested containers from the root. The deepest documented body has seven levels; metadata may add a few.
/// Reading JSON costs one more pass over the text for each level, so this also bounds the time.
pub const DEPTH: usize = 24;

/// Values in one request, containers included: 5 000 lines of ten fields are 55 000 and pass, a flood of
/// 100 000 tiny parameters does not.
pub const PARAMETERS: usize = 60_000;

/// Bytes of one key, a whole bracket path in a form. The longest documented path has about 90 bytes.
pub const KEY_BYTES: usize = 512;

/// Bytes of one text. The largest documented text is a bank's raw answer, capped at 64 KiB.
pub const TEXT_BYTES: usize = 64 * 1024;

/// Bytes of one query string; the usual bound of proxies in front of us is 8 KiB for the whole request line, and
/// lists of ids are the longest honest ones.
pub const QUERY_BYTES: usize = 32 * 1024;

/// Uploaded files kept from one multipart body; no documented call sends more than a product image.
pub const FILES: usize = 4;

/// Rows on one page: the largest documented default is 500 (taxons), so nobody needs more in one answer.
pub const PER_PAGE_MAX: u32 = 500;

/// Rows on one page when the caller does not say (Solidus and Spree API conventions).
pub const PER_PAGE_DEFAULT: u32 = 25;

/// Highest page number taken at its word; beyond it every list is empty anyway, and the offset stays far from
/// overflowing.
pub const PAGE_MAX: u64 = 1_000_000_000;

/// Conditions of one search. Each is tried on every row that the search looks at.
pub const FILTER_CONDITIONS: usize = 32;

/// Values of one `in` condition.
pub const FILTER_VALUES: usize = 1_000;

/// Sort keys of one search.
pub const FILTER_SORTS: usize = 8;

/// The bounds that the reader of a request obeys. Sizes in bytes, the others counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`BODY_BYTES`].
    pub body_bytes: usize,
    /// The same of a multipart body.
    pub multipart_bytes: usize,
    /// See [`QUERY_BYTES`].
    pub query_bytes: usize,
    /// See [`DEPTH`].
    pub depth: usize,
    /// See [`PARAMETERS`]. Query and body are counted apart.
    pub parameters: usize,
    /// See [`KEY_BYTES`].
    pub key_bytes: usize,
    /// See [`TEXT_BYTES`].
    pub text_bytes: usize,
    /// See [`FILES`].
    pub files: usize,
}

impl Limits {
    /// What every API starts from.
    pub const STANDARD: Limits = Limits {
        body_bytes: BODY_BYTES,
        multipart_bytes: BODY_BYTES,
        query_bytes: QUERY_BYTES,
        depth: DEPTH,
        parameters: PARAMETERS,
        key_bytes: KEY_BYTES,
        text_bytes: TEXT_BYTES,
        files: FILES,
    };

    /// Where a file may be handed in. Bodies of other kinds stay as small as everywhere.
    pub const UPLOAD: Limits = Limits { multipart_bytes: UPLOAD_BYTES, ..Limits::STANDARD };

    /// Bytes of one body of this content type.
    pub fn bytes_of(&self, content_type: Option<&str>) -> usize {
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let is_multipart = essence.trim().eq_ignore_ascii_case("multipart/form-data");
        if is_multipart { self.multipart_bytes } else { self.body_bytes }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}
