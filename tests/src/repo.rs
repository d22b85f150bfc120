//! The repository as data: its text files, and its Rust sources with test code told apart from the rest.
//!
//! Files are found by walking, not by asking git, so that an unpacked archive is checked the same way. Build output and
//! hidden tool folders are left out. Test code is what the compiler drops outside tests: items under `#[cfg(test)]`, test
//! functions, modules declared so, and the `tests`, `benches` and `examples` folders of a crate.

use crate::lexer::{Token, lex};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders that hold what is built or fetched, never what is written.
const SKIPPED: [&str; 5] = ["target", ".git", "node_modules", ".venv", "__pycache__"];

/// Keywords that begin an item, so that a `#[cfg(test)]` above them covers the whole of it.
const ITEM: [&str; 16] = [
    "pub",
    "fn",
    "mod",
    "impl",
    "use",
    "struct",
    "enum",
    "const",
    "static",
    "type",
    "trait",
    "unsafe",
    "async",
    "extern",
    "macro_rules",
    "union",
];

/// One text file, by its path from the root with forward slashes.
#[derive(Debug, Clone)]
pub struct TextFile {
    pub path: String,
    pub text: String,
}

/// One Rust source.
#[derive(Debug, Clone)]
pub struct Source {
    pub path: String,
    pub text: String,
    /// Everything.
    pub tokens: Vec<Token>,
    /// What is compiled outside tests; empty for a file that is a test as a whole.
    pub live: Vec<Token>,
}

impl Source {
    /// Reads `text` as a source whose place alone says whether it is a test.
    pub fn new(path: &str, text: &str) -> Source {
        let tokens = lex(text);
        let live = if in_test_folder(path) { Vec::new() } else { without_tests(&tokens) };
        Source { path: path.into(), text: text.into(), tokens, live }
    }

    /// Is the file below `folder`?
    pub fn below(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The repository's root: the folder above this crate.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every text file below `root`, sorted by path. Files that are not UTF-8 are not text.
pub fn text_files(root: &Path) -> io::Result<Vec<TextFile>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            if entry.file_type()?.is_dir() {
                if !SKIPPED.iter().any(|s| name == *s) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let below = path.strip_prefix(root).unwrap_or(&path);
                found.push(TextFile { path: below.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The Rust sources among `files`. A file declared by `#[cfg(test)] mod name;`, and all below it, counts as a test.
pub fn sources(files: &[TextFile]) -> Vec<Source> {
    let mut sources: Vec<Source> =
        files.iter().filter(|f| f.path.ends_with(".rs")).map(|f| Source::new(&f.path, &f.text)).collect();
    let tests: BTreeSet<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        let stem = source.path.trim_end_matches(".rs");
        if tests.iter().any(|t| stem == t || stem.strip_prefix(t).is_some_and(|rest| rest.starts_with('/'))) {
            source.live.clear();
        }
    }
    sources
}

fn in_test_folder(path: &str) -> bool {
    path.starts_with("tests/")
        || path.split('/').rev().skip(1).any(|p| matches!(p, "tests" | "benches" | "examples"))
}

/// The modules that `source` declares for tests only, each as a path without `.rs`.
fn test_modules(source: &Source) -> Vec<String> {
    let stem = source.path.trim_end_matches(".rs");
    let (parent, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let base = if matches!(name, "lib" | "main" | "mod") { parent } else { stem };
    let mut found = Vec::new();
    let mut at = 0;
    while at < source.tokens.len() {
        let Some(end) = test_attribute(&source.tokens, at) else {
            at += 1;
            continue;
        };
        let item = &source.tokens[skip_attributes(&source.tokens, end)..];
        let module = item.iter().position(|t| t.is_word("mod")).filter(|p| *p <= 4); // at most `pub(in path)` before it
        if let Some([_, name, sign, ..]) = module.map(|p| &item[p..])
            && sign.is_sign(";")
        {
            found.push(format!("{base}/{}", name.text));
        }
        at = end;
    }
    found
}

/// `tokens` without the items that only tests see.
pub fn without_tests(tokens: &[Token]) -> Vec<Token> {
    if tokens.len() > 1 && tokens[1].is_sign("!") && test_attribute_body(tokens, 2).is_some() {
        return Vec::new(); // `#![cfg(test)]` on the first line
    }
    let mut live = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match test_attribute(tokens, at) {
            Some(end) => at = item_end(tokens, skip_attributes(tokens, end)),
            None => {
                live.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    live
}

/// If a `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]` or `#[…::test]` begins at `at`: the place after it.
fn test_attribute(tokens: &[Token], at: usize) -> Option<usize> {
    tokens.get(at).filter(|t| t.is_sign("#"))?;
    test_attribute_body(tokens, at + 1)
}

fn test_attribute_body(tokens: &[Token], open: usize) -> Option<usize> {
    tokens.get(open).filter(|t| t.is_sign("["))?;
    let end = closing(tokens, open) + 1;
    let inner = &tokens[open + 1..end - 1];
    let starts = |pattern: &[&str]| {
        inner.len() >= pattern.len() && inner.iter().zip(pattern).all(|(t, p)| t.text == **p)
    };
    let path_end = inner.iter().position(|t| t.is_sign("(")).unwrap_or(inner.len());
    let test_function = inner[..path_end].last().is_some_and(|t| t.is_word("test"));
    let only_in_tests =
        starts(&["cfg", "(", "test", ")"]) || starts(&["cfg", "(", "all", "(", "test"]) || test_function;
    only_in_tests.then_some(end)
}

fn skip_attributes(tokens: &[Token], mut at: usize) -> usize {
    while at + 1 < tokens.len() && tokens[at].is_sign("#") && tokens[at + 1].is_sign("[") {
        at = closing(tokens, at + 1) + 1;
    }
    at
}

/// The place after the item, field, arm or statement that begins at `at`.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let item = tokens.get(at).is_some_and(|t| ITEM.iter().any(|k| t.is_word(k)));
    let mut here = at;
    while here < tokens.len() {
        let token = &tokens[here];
        match token.text.as_str() {
            _ if !matches!(token.kind, crate::lexer::Kind::Sign) => here += 1,
            "{" if item => return closing(tokens, here) + 1,
            "(" | "[" | "{" => here = closing(tokens, here) + 1,
            ";" => return here + 1,
            "," if !item => return here + 1,
            ")" | "]" | "}" => return here,
            _ => here += 1,
        }
    }
    here
}

/// The place of the bracket that closes the one at `open`, or of the last token.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.kind != crate::lexer::Kind::Sign {
            continue;
        }
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let live: Vec<String> = without_tests(&lex(source)).into_iter().map(|t| t.text).collect();
        assert_eq!(live.join(" "), expected, "{source}");
    }

    #[test]
    fn items_for_tests_are_cut_and_the_rest_stays() {
        check("a; #[cfg(test)] mod t { fn x() { \"}\"; } } b", "a ; b");
        check("#[cfg(test)] #[allow(x)] pub fn f() -> [u8; 2] { y } b", "b");
        check("#[test] fn f() { x } b", "b");
        check("#[tokio::test(flavor = \"multi_thread\")] async fn f() { x } b", "b");
        check("#[cfg(all(test, unix))] use a::b; c", "c");
        check("S { #[cfg(test)] x: 1, y: 2 }", "S { y : 2 }");
        check("#![cfg(test)] fn f() {}", "");
    }

    #[test]
    fn what_is_compiled_outside_tests_too_is_kept() {
        check("#[cfg(any(test, feature))] fn f() {}", "# [ cfg ( any ( test , feature ) ) ] fn f ( ) { }");
        check("#[cfg(not(test))] fn f() {}", "# [ cfg ( not ( test ) ) ] fn f ( ) { }");
        check("#[derive(Test)] struct S;", "# [ derive ( Test ) ] struct S ;");
    }

    #[test]
    fn a_test_module_in_its_own_file_is_a_test() {
        let file = |path: &str, text: &str| TextFile { path: path.into(), text: text.into() };
        let files = [
            file("crates/a/src/lib.rs", "mod b; #[cfg(test)] pub(crate) mod kit;"),
            file("crates/a/src/b.rs", "fn live() {} #[cfg(test)] mod tests;"),
            file("crates/a/src/b/tests.rs", "fn test() {}"),
            file("crates/a/src/kit/more.rs", "fn test() {}"),
            file("crates/a/tests/c.rs", "fn test() {}"),
            file("crates/a/src/kitchen.rs", "fn live() {}"),
        ];
        let live: Vec<String> =
            sources(&files).into_iter().filter(|s| !s.live.is_empty()).map(|s| s.path).collect();
        assert_eq!(live, ["crates/a/src/lib.rs", "crates/a/src/b.rs", "crates/a/src/kitchen.rs"]);
    }
}
