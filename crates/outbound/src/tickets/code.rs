//! The QR code of a ticket: level M, at a fixed printed size, with its quiet zone.
//!
//! The code says the ticket number and nothing else: no address, no name. It is drawn as one path, black on white whatever
//! the merchant's colours are.

use super::TicketError;
use super::limits::MAX_NUMBER_CHARS;
use super::pen::POINTS_PER_MM;
use krilla::geom::{Path, PathBuilder, Rect};
use qrcode::{Color, EcLevel, QrCode};

/// Side of the code without its quiet zone: a 24-character number has 25 modules of 1.5 mm. The ticketing contract asks
/// for 30 mm or more.
pub(super) const SIDE: f32 = 37.5 * POINTS_PER_MM;
const _: () = assert!(SIDE >= 30.0 * POINTS_PER_MM);

/// Modules of white on each side (ISO/IEC 18004).
const QUIET_MODULES: f32 = 4.0;

/// A code ready to be drawn.
pub(super) struct Code {
    modules: Vec<Color>,
    across: usize,
}

impl Code {
    /// The code of a number.
    ///
    /// # Errors
    /// [`TicketError::Number`] unless it is 1 to [`MAX_NUMBER_CHARS`] letters, digits or other visible ASCII.
    pub(super) fn of(number: &str) -> Result<Code, TicketError> {
        let plain = number.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || number.is_empty() || number.len() > MAX_NUMBER_CHARS {
            return Err(TicketError::Number);
        }
        let code =
            QrCode::with_error_correction_level(number, EcLevel::M).map_err(|_| TicketError::Number)?;
        Ok(Code { across: code.width(), modules: code.into_colors() })
    }

    /// Side of a module, in points.
    fn module(&self) -> f32 {
        SIDE / self.across as f32
    }

    /// Width of the quiet zone, in points.
    pub(super) fn quiet(&self) -> f32 {
        QUIET_MODULES * self.module()
    }

    /// The dark modules with their upper left corner at `left`, `top`. Neighbours in a row are one rectangle, so that no
    /// hair line shows between them.
    pub(super) fn path(&self, left: f32, top: f32) -> Option<Path> {
        let side = self.module();
        let mut path = PathBuilder::new();
        for (row, modules) in self.modules.chunks(self.across).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run.first() == Some(&Color::Dark) {
                    let (x, y) = (left + column as f32 * side, top + row as f32 * side);
                    path.push_rect(Rect::from_xywh(x, y, run.len() as f32 * side, side)?);
                }
                column += run.len();
            }
        }
        path.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_number_takes_25_modules_of_level_m() {
        let code = Code::of("7hQ2vKd9TxRm4bWc8ZpLs3Yn").expect("a number");
        assert_eq!(code.across, 25);
        assert!((code.module() - 1.5 * POINTS_PER_MM).abs() < 0.001);
        assert!((code.quiet() - 6.0 * POINTS_PER_MM).abs() < 0.001);
    }

    #[test]
    fn what_no_scanner_reads_is_refused() {
        for number in ["", "a b", "a\u{0}", "größe", &"x".repeat(MAX_NUMBER_CHARS + 1)] {
            assert!(matches!(Code::of(number), Err(TicketError::Number)), "{number:?}");
        }
        assert!(Code::of(&"x".repeat(MAX_NUMBER_CHARS)).is_ok());
    }
}
