//! Languages, and what the pages say in each: one message file a language, compiled in, with the same keys.
//!
//! A message file has sections and lines `key = "text"`; `{name}` in a text is filled in by the caller. What people
//! typed is never a message. A key that is not there shows as itself, which a test keeps from happening.

use std::collections::HashMap;
use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    En,
    De,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::En, Lang::De];

    /// BCP 47.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::De => "de",
        }
    }

    /// As on a switch.
    pub fn short(self) -> &'static str {
        match self {
            Lang::En => "EN",
            Lang::De => "DE",
        }
    }

    /// In the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::De => "Deutsch",
        }
    }

    pub fn named(code: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The best of an `Accept-Language` header; English if it names none of ours.
    pub fn accepted(header: &str) -> Lang {
        let mut best = (0, Lang::En);
        for range in header.split(',').take(20) {
            let (tag, quality) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality = quality.trim().strip_prefix("q=").map_or(1000, thousandths);
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            if let Some(lang) = Lang::named(&primary).filter(|_| quality > best.0) {
                best = (quality, lang);
            }
        }
        best.1
    }

    fn messages(self) -> &'static HashMap<String, &'static str> {
        static EN: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
        static DE: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
        match self {
            Lang::En => EN.get_or_init(|| read(include_str!("messages/en.toml"))),
            Lang::De => DE.get_or_init(|| read(include_str!("messages/de.toml"))),
        }
    }

    pub fn say(self, key: &str) -> &str {
        self.messages().get(key).copied().unwrap_or(key)
    }

    pub fn fill(self, key: &str, parts: &[(&str, &str)]) -> String {
        let text = self.say(key);
        let mut filled = String::with_capacity(text.len() + 16);
        let mut rest = text;
        // One pass, so that nothing that was filled in is looked at again.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            filled.push_str(parts.iter().find(|(known, _)| *known == name).map_or("", |(_, part)| part));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// What stands before and behind the place of a part, for a part that is more than text.
    pub fn around<'t>(self, key: &'t str, part: &str) -> (&'t str, &'t str) {
        let text = self.say(key);
        text.split_once(&format!("{{{part}}}")).unwrap_or((text, ""))
    }

    /// A text with one thing filled in.
    pub fn with(self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.fill(key, &[(name, &value.to_string())])
    }

    /// A text with one number in it.
    pub fn number(self, key: &str, n: impl std::fmt::Display) -> String {
        self.fill(key, &[("n", &n.to_string())])
    }

    /// `key.one` or `key.other`.
    pub fn count(self, key: &str, n: usize) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.number(&format!("{key}.{form}"), n)
    }
}

fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let digit =
        |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| u32::from(byte.saturating_sub(b'0')));
    whole.parse().unwrap_or(0u32).min(1) * 1000 + digit(0) * 100 + digit(1) * 10 + digit(2)
}

fn read(file: &'static str) -> HashMap<String, &'static str> {
    let mut messages = HashMap::new();
    let mut section = "";
    for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, text)) = line.split_once(" = ") {
            let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
            messages.insert(format!("{section}.{key}"), text);
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn parts(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_files_have_the_same_keys_and_parts() {
        let (en, de) = (Lang::En.messages(), Lang::De.messages());
        let keys = |file: &HashMap<String, &'static str>| file.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(en), keys(de));
        assert!(en.len() > 200, "the files are read at all");
        for (key, text) in en {
            assert_eq!(parts(text), parts(de[key]), "{key}");
            assert!(!text.is_empty() && !de[key].is_empty(), "{key}");
        }
    }

    /// Every text in double quotes that looks like a key of a section that is there.
    fn keys_in(text: &str, sections: &BTreeSet<String>, found: &mut BTreeSet<String>) {
        for quoted in text.split('"') {
            let plain = |part: &str| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
            };
            if let Some((section, key)) = quoted.split_once('.')
                && sections.contains(section)
                && plain(key)
            {
                found.insert(quoted.to_owned());
            }
        }
    }

    fn walk(at: &Path, sections: &BTreeSet<String>, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(at).expect("the sources").map(|entry| entry.expect("an entry").path())
        {
            let is = |ending| entry.extension().is_some_and(|found| found == ending);
            if entry.is_dir() {
                walk(&entry, sections, found);
            } else if is("rs") || is("html") {
                keys_in(&std::fs::read_to_string(&entry).expect("text"), sections, found);
            }
        }
    }

    #[test]
    fn every_key_that_is_asked_for_is_there_and_every_message_is_asked_for() {
        let messages = Lang::En.messages();
        let sections: BTreeSet<String> = messages
            .keys()
            .filter_map(|key| key.split_once('.'))
            .map(|(section, _)| section.to_owned())
            .collect();
        let mut used = BTreeSet::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &sections, &mut used);
        // Keys that are put together from the name of a step or of a kind of field.
        let made = |key: &str| {
            ["step.", "to.", "address.", "errors."].iter().any(|section| key.starts_with(section))
        };
        let files = ["order.html", "expired.html"];
        let missing: Vec<&String> = used
            .iter()
            .filter(|key| !messages.contains_key(*key) && !messages.contains_key(&format!("{key}.one")))
            .filter(|key| !files.contains(&key.as_str()) && !key.ends_with(".html"))
            .collect();
        assert!(missing.is_empty(), "not in the message files: {missing:?}");
        // What is counted is asked for by the name that its singular and plural share.
        let shared = |key: &str| key.trim_end_matches(".one").trim_end_matches(".other").to_owned();
        let asked = |key: &String| used.contains(key) || used.contains(&shared(key));
        let unused: Vec<&String> = messages.keys().filter(|key| !asked(key) && !made(key)).collect();
        assert!(unused.is_empty(), "nobody says this: {unused:?}");
    }

    #[test]
    fn the_language_a_browser_asks_for() {
        for (header, lang) in [
            ("", Lang::En),
            ("de", Lang::De),
            ("de-AT,de;q=0.9,en;q=0.8", Lang::De),
            ("fr-FR, en;q=0.5, de;q=0.7", Lang::De),
            ("en-GB,de;q=0.9", Lang::En),
            ("de;q=0,en;q=0.1", Lang::En),
            ("*;q=x, ;;;,", Lang::En),
        ] {
            assert_eq!(Lang::accepted(header), lang, "{header}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        assert_eq!(Lang::En.fill("recap.email", &[]), "E-mail");
        let filled = Lang::En.fill("cart.less", &[("name", "{n} {name}")]);
        assert_eq!(filled, "One less, {n} {name}");
        assert_eq!(Lang::De.count("errors", 1), "Bitte prüfen Sie eine Angabe");
        assert_eq!(Lang::De.count("errors", 3), "Bitte prüfen Sie 3 Angaben");
    }
}
