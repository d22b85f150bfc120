//! How the demo looks: aligned, with a little colour where a person reads it.

use std::io::IsTerminal as _;

/// Columns of the call before its answer.
const CALL: usize = 62;

#[derive(Debug, Clone, Copy)]
pub struct Screen {
    colour: bool,
}

impl Screen {
    /// Colour only on a terminal, and only if nobody asked for none (`NO_COLOR`).
    pub fn of_stdout() -> Screen {
        Screen { colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub fn title(self, text: &str) {
        println!("\n{}\n", self.paint("1", text));
    }

    pub fn step(self, number: usize, text: &str) {
        println!("{}", self.paint("1", &format!("{number}. {text}")));
    }

    pub fn call(self, method: &str, path: &str, status: u16, says: &str) {
        let call = format!("{method:6} {path}");
        let colour = if status < 400 { "32" } else { "33" };
        let status = self.paint(colour, &status.to_string());
        println!("   {call:CALL$} {status}  {says}");
    }

    pub fn note(self, text: &str) {
        println!("   {}", self.paint("2", text));
    }

    pub fn pair(self, name: &str, value: &str) {
        println!("   {name:24} {value}");
    }

    /// A row of a table of three columns.
    pub fn row(self, first: &str, second: &str, third: &str) {
        println!("   {:12} {second:40} {third}", self.paint("1", &format!("{first:12}")));
    }

    /// A row of the totals: text to the left, amount to the right.
    pub fn amount(self, name: &str, amount: &str) {
        println!("   {name:44} {amount:>12}");
    }

    pub fn total(self, name: &str, amount: &str) {
        println!("   {}", "─".repeat(57));
        println!("   {}", self.paint("1", &format!("{name:44} {amount:>12}")));
    }

    pub fn line(self) {
        println!();
    }
}
