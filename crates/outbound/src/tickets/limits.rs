//! Bounds of a ticket file.

/// Most tickets in one file: a page takes about a millisecond and a few kilobytes.
pub const MAX_TICKETS: usize = 1_000;

/// Most characters printed of one field. Names are at most 255 characters where they are typed.
pub const MAX_TEXT_CHARS: usize = 400;

/// Longest ticket number: above this the modules of the code would be smaller than a millimetre.
pub const MAX_NUMBER_CHARS: usize = 64;
