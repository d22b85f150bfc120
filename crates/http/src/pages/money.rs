//! Amounts for people: in the symbol and order of their language, with a real minus sign, never rounded.

use super::lang::Lang;
use crate::kit::format::display;
use domain::money::{Amount, Currency};
use std::fmt::{self, Write as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub amount: Amount,
    pub currency: Currency,
    pub lang: Lang,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = display(self.amount, self.currency).to_string();
        let (minus, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
        match self.lang {
            Lang::En => write!(f, "{minus}{text}"),
            Lang::De => {
                let digits = text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0);
                let end = text.rfind(|letter: char| letter.is_ascii_digit()).map_or(text.len(), |at| at + 1);
                let (before, number, after) = (&text[..digits], &text[digits..end], &text[end..]);
                f.write_str(minus)?;
                for letter in number.chars() {
                    f.write_char(match letter {
                        ',' => '.',
                        '.' => ',',
                        digit => digit,
                    })?;
                }
                // A space that no line ends at.
                write!(f, "\u{a0}{}{}", before.trim(), after.trim())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_money_its_own_way() {
        let written =
            |amount, lang| Money { amount: Amount(amount), currency: Currency::USD, lang }.to_string();
        assert_eq!(written(-1_640, Lang::En), "−$16.40");
        assert_eq!(written(123_456_789, Lang::En), "$1,234,567.89");
        assert_eq!(written(-1_640, Lang::De), "−16,40\u{a0}$");
        assert_eq!(written(123_456_789, Lang::De), "1.234.567,89\u{a0}$");
        assert_eq!(written(0, Lang::De), "0,00\u{a0}$");
    }
}
