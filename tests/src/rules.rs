//! The house rules over Rust sources: size, stubs, floats, unwraps, SQL, and who may name whom.
//!
//! Each rule looks at one source and answers with its findings. Rules about the running program look at live code only;
//! rules about the tree (stubs, sizes, opening lines) look at tests as well.

use crate::Finding;
use crate::lexer::{Kind, Token};
use crate::repo::{Source, closing};

/// A file longer than this is two ideas.
pub const MAX_FILE_LINES: usize = 600;
/// A function longer than this does not fit a screen.
pub const MAX_FUNCTION_LINES: usize = 80;
/// Tables that a program wrote and nobody reads from top to bottom; the only files that may be longer.
pub const GENERATED: [&str; 0] = [];

/// Where the APIs live, one folder each.
pub const APIS: &str = "crates/http/src/apis";

const OPENING_SQL: [&str; 9] = [
    "select ",
    "insert into ",
    "delete from ",
    "create table ",
    "create index ",
    "create unique index ",
    "alter table ",
    "drop table ",
    "pragma ",
];

fn finding(source: &Source, line: usize, what: impl Into<String>) -> Finding {
    Finding { path: source.path.clone(), line, what: what.into() }
}

/// Every source opens with `//!`: what it is, the rule it guards, what it never does.
pub fn opens_with_its_purpose(source: &Source) -> Vec<Finding> {
    let first = source.text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    if first.starts_with("//!") {
        return Vec::new();
    }
    vec![finding(source, 1, "the file does not open with //! and what it is for")]
}

/// No file is longer than [`MAX_FILE_LINES`].
pub fn file_length(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if lines <= MAX_FILE_LINES || GENERATED.contains(&source.path.as_str()) {
        return Vec::new();
    }
    vec![finding(source, lines, format!("{lines} lines, at most {MAX_FILE_LINES} are allowed"))]
}

/// No function is longer than [`MAX_FUNCTION_LINES`], from its `fn` to its closing brace.
pub fn function_length(source: &Source) -> Vec<Finding> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let Some(name) = tokens.get(at + 1).filter(|t| tokens[at].is_word("fn") && t.kind == Kind::Word)
        else {
            continue;
        };
        let Some(open) = body_of(tokens, at + 2) else { continue };
        let lines = tokens[closing(tokens, open)].line - tokens[at].line + 1;
        if lines > MAX_FUNCTION_LINES {
            let what =
                format!("fn {} has {lines} lines, at most {MAX_FUNCTION_LINES} are allowed", name.text);
            found.push(finding(source, tokens[at].line, what));
        }
    }
    found
}

/// The opening brace of a function's body, if it has one.
fn body_of(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            _ if token.kind != Kind::Sign => at += 1,
            "(" | "[" => at = closing(tokens, at) + 1,
            "{" => return Some(at),
            ";" => return None,
            _ => at += 1,
        }
    }
    None
}

/// No stub macros, no debugging macro, no test that is switched off.
pub fn no_stubs(source: &Source) -> Vec<Finding> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let stub = ["todo", "unimplemented", "dbg"].iter().any(|m| token.is_word(m));
        if stub && next.is_some_and(|t| t.is_sign("!")) {
            found.push(finding(source, token.line, format!("{}! is left in the code", token.text)));
        }
        if token.is_sign("#") && next.is_some_and(|t| t.is_sign("[")) {
            let inner = &tokens[at + 2..closing(tokens, at + 1)];
            let ignored = match inner.first() {
                Some(first) if first.is_word("cfg_attr") => inner.iter().any(|t| t.is_word("ignore")),
                first => first.is_some_and(|t| t.is_word("ignore")),
            };
            if ignored {
                found.push(finding(source, token.line, "a test is switched off"));
            }
        }
    }
    found
}

/// No `unwrap()` outside tests.
pub fn no_unwrap(source: &Source) -> Vec<Finding> {
    let called =
        |w: &[Token]| w[0].is_sign(".") && w[1].is_word("unwrap") && w[2].is_sign("(") && w[3].is_sign(")");
    let calls = source.live.windows(4).filter(|w| called(w));
    calls.map(|w| finding(source, w[1].line, "unwrap() outside a test")).collect()
}

/// No floating point type or literal.
pub fn no_floats(source: &Source) -> Vec<Finding> {
    let float = |t: &&Token| match t.kind {
        Kind::Word => matches!(t.text.as_str(), "f32" | "f64"),
        Kind::Number => t.text.contains('.') || t.text.ends_with("f32") || t.text.ends_with("f64"),
        _ => false,
    };
    let hits = source.tokens.iter().filter(float);
    hits.map(|t| finding(source, t.line, format!("{}: a floating point number", t.text))).collect()
}

/// No clock, no randomness, no IO, no async: time, entropy and ids are arguments.
pub fn is_pure(source: &Source) -> Vec<Finding> {
    const WORDS: [&str; 7] = ["tokio", "chrono", "rand", "SystemTime", "Instant", "async", "await"];
    const STD: [&str; 6] = ["fs", "io", "net", "env", "process", "thread"];
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let in_std = at >= 2 && tokens[at - 2].is_word("std") && tokens[at - 1].is_sign("::");
        let impure = WORDS.iter().any(|w| token.is_word(w))
            || in_std && (STD.iter().any(|w| token.is_word(w)) || token.is_sign("{"));
        if impure && token.is_sign("{") {
            let group = &tokens[at..closing(tokens, at)];
            let inner = group.iter().filter(|t| STD.iter().any(|w| t.is_word(w)));
            found.extend(inner.map(|t| finding(source, t.line, format!("std::{}: not pure", t.text))));
        } else if impure {
            found.push(finding(source, token.line, format!("{}: not pure", token.text)));
        }
    }
    found
}

/// No string literal that is an SQL statement, written in capitals or in small letters.
///
/// A sentence for people (`Select a country`) has neither, so it passes.
pub fn no_sql(source: &Source) -> Vec<Finding> {
    let literals = source.live.iter().filter(|t| t.kind == Kind::Text && is_sql(&t.text));
    literals.map(|t| finding(source, t.line, "SQL outside the store")).collect()
}

fn is_sql(literal: &str) -> bool {
    // Escapes and line breaks stand for one blank each.
    let text = literal.replace("\\n", " ").replace("\\t", " ").replace('\\', " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let statement = |text: &str| {
        let (select, update) = (text.starts_with("select "), text.starts_with("update "));
        if select {
            // `select` alone is also an HTML element: a statement says from where, or selects a value.
            text.contains(" from ") || text == "select 1"
        } else {
            update && text.contains(" set ") || OPENING_SQL[1..].iter().any(|s| text.starts_with(s))
        }
    };
    let shouted = text.split(' ').take(1).all(|w| w.chars().all(|c| c.is_ascii_uppercase()));
    let keyword = text.starts_with(|c: char| c.is_ascii_lowercase()) || shouted;
    keyword && statement(&text.to_ascii_lowercase())
}

/// An API folder names neither another API folder nor the store.
///
/// `apis` are the names of all API folders. A name counts where it is part of a path or of a `use`.
pub fn api_keeps_to_itself(source: &Source, apis: &[String]) -> Vec<Finding> {
    let Some(own) = source.path.strip_prefix(APIS).and_then(|p| p.strip_prefix('/')) else {
        return Vec::new();
    };
    let Some((own, _)) = own.split_once('/') else { return Vec::new() };
    let tokens = &source.tokens;
    let mut found = Vec::new();
    let mut in_use = false;
    for (at, token) in tokens.iter().enumerate() {
        if token.is_word("use") {
            in_use = true;
        } else if token.is_sign(";") {
            in_use = false;
        }
        let before = at.checked_sub(1).map(|b| &tokens[b]);
        let path_before = before.is_some_and(|t| t.is_sign("::"));
        let path_after = tokens.get(at + 1).is_some_and(|t| t.is_sign("::"));
        let other = token.kind == Kind::Word && token.text != own && apis.contains(&token.text);
        if other && (in_use || path_before || path_after) {
            found.push(finding(source, token.line, format!("the {own} API names the {} API", token.text)));
        }
        let leads = before.is_some_and(|t| t.is_word("use")) || path_after && !path_before;
        let nested = in_use && before.is_some_and(|t| t.is_sign("{") || t.is_sign(","));
        if (token.is_word("store") && leads && !nested) || token.is_word("cashwrap_store") {
            found.push(finding(source, token.line, format!("the {own} API names the store")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "crates/domain/src/a.rs";

    /// Runs `rule` over `text` and compares the lines of its findings.
    fn check(rule: fn(&Source) -> Vec<Finding>, text: &str, lines: &[usize]) {
        let found: Vec<usize> = rule(&Source::new(PLACE, text)).iter().map(|f| f.line).collect();
        assert_eq!(found, lines, "{text}");
    }

    #[test]
    fn a_file_without_its_purpose_is_found() {
        check(opens_with_its_purpose, "//! Money.\n", &[]);
        check(opens_with_its_purpose, "\n// Money.\n//! late\n", &[1]);
        check(opens_with_its_purpose, "", &[1]);
    }

    #[test]
    fn long_files_are_found() {
        check(file_length, &"\n".repeat(MAX_FILE_LINES), &[]);
        check(file_length, &"\n".repeat(MAX_FILE_LINES + 1), &[MAX_FILE_LINES + 1]);
    }

    #[test]
    fn long_functions_are_found_whatever_they_hold() {
        let body = |lines: usize| {
            format!(
                "\nfn f<'a>(x: [u8; 2], c: &'a str) {{\n'{{'; \"{{\"; // {{\n{}}}",
                "\n".repeat(lines - 3)
            )
        };
        check(function_length, &body(MAX_FUNCTION_LINES), &[]);
        check(function_length, &body(MAX_FUNCTION_LINES + 1), &[2]);
        let declared = format!("trait T {{ fn f(&self);\n fn g(&self) {{ }}{} }}", "\n".repeat(200));
        check(function_length, &declared, &[]);
        let pointer = format!("struct S {{ f: fn(u8) -> u8,{} }}", "\n".repeat(200));
        check(function_length, &pointer, &[]);
        let nested = format!("fn outer() {{ fn inner() {{ {} }} }}", "\n".repeat(MAX_FUNCTION_LINES));
        check(function_length, &nested, &[1, 1]);
    }

    #[test]
    fn stubs_and_switched_off_tests_are_found() {
        check(no_stubs, "fn f() {\n todo!()\n}", &[2]);
        check(no_stubs, "fn f() { unimplemented! { }; dbg!(1) }", &[1, 1]);
        check(no_stubs, "#[test]\n#[ignore]\nfn f() {}", &[2]);
        check(no_stubs, "#[ ignore = \"slow\" ] fn f() {}", &[1]);
        check(no_stubs, "#[cfg_attr(miri, ignore)] fn f() {}", &[1]);
        check(no_stubs, "// todo!()\nlet todo = \"dbg!(\"; #[derive(ignore)] struct S;", &[]);
    }

    #[test]
    fn unwraps_are_found_outside_tests_only() {
        check(no_unwrap, "fn f() { x\n  .unwrap() }", &[2]);
        check(no_unwrap, "fn f() { x.unwrap_or(1); \".unwrap()\"; /* .unwrap() */ }", &[]);
        check(no_unwrap, "#[cfg(test)]\nmod tests { fn f() { x.unwrap() } }\nfn g() { y.unwrap() }", &[3]);
    }

    #[test]
    fn floats_are_found_as_types_and_as_numbers() {
        check(no_floats, "fn f(x: f64) -> f32 { 0.5 + 1f64 }", &[1, 1, 1, 1]);
        check(no_floats, "// f64\nlet x = pair.0.1; for i in 0..5 { \"0.5\"; }", &[]);
    }

    #[test]
    fn impurity_is_found() {
        check(is_pure, "use std::time::{Duration, Instant};\nSystemTime::now()", &[1, 2]);
        check(
            is_pure,
            "use std::{fmt, fs};\nstd::thread::sleep(d);\nasync fn f() { x.await }",
            &[1, 2, 3, 3],
        );
        check(is_pure, "use std::{fmt, rc::Rc}; let operand = random; // tokio", &[]);
    }

    #[test]
    fn sql_is_found_and_sentences_are_not() {
        check(no_sql, "q(\"SELECT id FROM orders\")", &[1]);
        check(no_sql, "q(r#\"\n  select id\n from orders\"#)", &[1]);
        check(no_sql, "q(\"UPDATE stock SET held = 1\"); q(\"INSERT INTO a VALUES (1)\")", &[1, 1]);
        check(no_sql, "q(\"\\\n  DELETE FROM a\"); q(\"CREATE TABLE a (b)\"); q(\"SELECT 1\")", &[1, 2, 2]);
        check(no_sql, "\"Select a country from the list\"; \"Update the cart\"; \"<select>\"", &[]);
        check(no_sql, "#[cfg(test)] mod t { const BAD: &str = \"DROP TABLE orders\"; }", &[]);
    }

    #[test]
    fn an_api_that_names_another_is_found() {
        let apis: Vec<String> = ["solidus", "spree", "ping"].map(String::from).into();
        let check = |path: &str, text: &str, expected: usize| {
            let found = api_keeps_to_itself(&Source::new(path, text), &apis);
            assert_eq!(found.len(), expected, "{text}: {found:?}");
        };
        let place = "crates/http/src/apis/solidus/read.rs";
        check(place, "use super::super::spree::wire;", 1);
        check(place, "use crate::apis::{ping, solidus};", 1);
        check(place, "fn f() { crate::apis::spree::show() }", 1);
        check(place, "use store::Memory;", 1);
        check(place, "fn f() { store::open() }", 1);
        check(place, "use cashwrap_store as s;", 1);
        check(place, "use crate::apis::solidus::wire; let ping = \"spree\"; // spree::", 0);
        check(
            place,
            "use engine::store::Store; use engine::{store::Store}; fn f() { self.store.order() }",
            0,
        );
        check("crates/http/src/apis/mod.rs", "pub mod solidus; use spree::routes;", 0);
        check("crates/http/src/kit/auth.rs", "use crate::apis::spree::x;", 0);
    }
}
