//! Rust source as tokens, just well enough to tell code from strings and comments.
//!
//! Knows nested block comments, raw strings, byte and C strings, char literals against lifetimes, and raw identifiers.
//! It never fails: a source that does not compile gives some tokens, and the compiler is the one to complain.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword.
    Word,
    /// A number literal with its suffix, such as `1_000u64` or `2.5`.
    Number,
    /// A string literal of any sort; the text is what stands between the quotes, escapes as written.
    Text,
    /// A char or byte literal; the text is empty.
    Char,
    /// `::` or one other sign.
    Sign,
}

/// One token and the line (from 1) on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
}

impl Token {
    /// Is this the identifier or keyword `text`?
    pub fn is_word(&self, text: &str) -> bool {
        self.kind == Kind::Word && self.text == text
    }

    /// Is this the sign `text`?
    pub fn is_sign(&self, text: &str) -> bool {
        self.kind == Kind::Sign && self.text == text
    }
}

/// Splits Rust source into tokens; comments and white space are dropped.
pub fn lex(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: source.chars().collect(), at: 0, line: 1, out: Vec::new() };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.out.push(Token { kind, text, line });
    }

    fn step(&mut self) {
        let Some(c) = self.peek(0) else { return };
        match (c, self.peek(1)) {
            ('/', Some('/')) => self.skip_line(),
            ('/', Some('*')) => self.skip_block(),
            ('"', _) => self.string(),
            ('\'', _) => self.quote(),
            (c, _) if c.is_ascii_digit() => self.number(),
            (c, _) if c == '_' || c.is_alphabetic() => self.word(),
            (':', Some(':')) => {
                self.push(Kind::Sign, "::".into(), self.line);
                self.at += 2;
            }
            (c, _) => {
                if !c.is_whitespace() {
                    self.push(Kind::Sign, c.into(), self.line);
                }
                self.bump();
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn skip_block(&mut self) {
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('*')) => {
                    depth += 1;
                    self.at += 2;
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    self.bump();
                }
            }
        }
    }

    /// A string with escapes, from its opening quote.
    fn string(&mut self) {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '"' => break,
                '\\' => {
                    text.push(c);
                    text.extend(self.bump());
                }
                _ => text.push(c),
            }
        }
        self.push(Kind::Text, text, line);
    }

    /// A raw string from its first `#` or quote.
    fn raw_string(&mut self) {
        let line = self.line;
        let mut hashes = 0;
        while self.peek(0) == Some('#') {
            hashes += 1;
            self.bump();
        }
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                self.at += hashes;
                break;
            }
            text.push(c);
        }
        self.push(Kind::Text, text, line);
    }

    /// After a `'`: a char literal or a lifetime.
    fn quote(&mut self) {
        let line = self.line;
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                self.at += 2;
                self.bump(); // the escaped character, which may itself be a quote
                while self.bump().is_some_and(|c| c != '\'') {}
                self.push(Kind::Char, String::new(), line);
            }
            (Some(_), Some('\'')) => {
                self.at += 1;
                self.bump(); // may be a newline, which counts
                self.bump();
                self.push(Kind::Char, String::new(), line);
            }
            _ => {
                self.bump();
                self.push(Kind::Sign, "'".into(), line);
            }
        }
    }

    fn number(&mut self) {
        let line = self.line;
        let mut text = String::new();
        // `pair.0.1` is two fields, not a fraction.
        let field = self.out.last().is_some_and(|t| t.is_sign("."));
        while let Some(c) = self.peek(0) {
            let fraction =
                c == '.' && !field && !text.contains('.') && self.peek(1).is_some_and(|n| n.is_ascii_digit());
            if !(fraction || c == '_' || c.is_alphanumeric()) {
                break;
            }
            text.push(c);
            self.bump();
        }
        self.push(Kind::Number, text, line);
    }

    fn word(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| *c == '_' || c.is_alphanumeric()) {
            text.push(c);
            self.bump();
        }
        match (text.as_str(), self.peek(0)) {
            ("b" | "c", Some('"')) => self.string(),
            ("b", Some('\'')) => self.quote(),
            ("r" | "br" | "cr", Some('"')) => self.raw_string(),
            ("r" | "br" | "cr", Some('#')) if self.raw_follows() => self.raw_string(),
            ("r", Some('#')) => {
                self.bump(); // a raw identifier: its name is the next word
            }
            _ => self.push(Kind::Word, text, line),
        }
    }

    /// Do the hashes here open a raw string (and not a raw identifier)?
    fn raw_follows(&self) -> bool {
        self.chars[self.at..].iter().find(|c| **c != '#') == Some(&'"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words, strings in quotes, joined by blanks.
    fn check(source: &str, expected: &str) {
        let shown: Vec<String> = lex(source)
            .into_iter()
            .map(|t| match t.kind {
                Kind::Text => format!("\"{}\"", t.text),
                Kind::Char => "CHAR".into(),
                _ => t.text,
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{source}");
    }

    #[test]
    fn comments_vanish_even_nested_ones() {
        check("a // b \" c\nd", "a d");
        check("a /* b /* c */ d \" */ e", "a e");
        check("//! \" doc\n/// it's\nfn", "fn");
    }

    #[test]
    fn strings_keep_their_text_and_hide_their_braces() {
        check(r#"f("a { \" } // b") }"#, r#"f ( "a { \" } // b" ) }"#);
        check(r##"r#"a " { b"# }"##, r##""a " { b" }"##);
        check("br\"x\" b\"y\" c\"z\" r\"\\\" }", "\"x\" \"y\" \"z\" \"\\\" }");
        check("r#type r##\"q\"# \"## z", "type \"q\"# \" z");
    }

    #[test]
    fn chars_are_not_lifetimes() {
        check("'{' '\\'' '\"' b'}' '\\u{7d}' x", "CHAR CHAR CHAR CHAR CHAR x");
        check("&'a str '_", "& ' a str ' _");
        check("'outer: loop { break 'outer }", "' outer : loop { break ' outer }");
    }

    #[test]
    fn numbers_and_ranges() {
        check("1..=5 x.0.1 2.5 7f64 1_000u64", "1 . . = 5 x . 0 . 1 2.5 7f64 1_000u64");
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let tokens = lex("\"a\nb\" /* \n */ x\n'\n' y r\"\n\" z");
        let line = |w: &str| tokens.iter().find(|t| t.is_word(w)).map(|t| t.line);
        assert_eq!((line("x"), line("y"), line("z")), (Some(3), Some(5), Some(6)));
    }
}
