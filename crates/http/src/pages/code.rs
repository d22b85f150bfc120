//! The QR code of a ticket on a page: level M, black on white in both colour schemes, with its quiet zone.
//!
//! One path of unit squares, drawn row by row; the page scales it. It says the ticket's number and nothing else.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Modules of white on each side (ISO/IEC 18004).
const QUIET: usize = 4;

/// A code ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Side of the picture in modules, quiet zone included.
    pub side: usize,
    /// What an SVG path draws.
    pub path: String,
}

/// The code that says this number; `None` if no code can.
pub fn code(number: &str) -> Option<Code> {
    let code = QrCode::with_error_correction_level(number, EcLevel::M).ok()?;
    let across = code.width();
    let mut path = String::new();
    for (row, modules) in code.into_colors().chunks(across).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, other| one == other) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, wide) = (column + QUIET, row + QUIET, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{wide}v1h-{wide}z");
            }
            column += run.len();
        }
    }
    Some(Code { side: across + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_quiet_zone() {
        let code = code("7hQ2vKd9TxRm4bWc8ZpLs3Yn").expect("a code");
        assert_eq!(code.side, 33);
        // The finder pattern: seven modules wide, in the first corner behind the quiet zone.
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", &code.path[..20]);
    }
}
