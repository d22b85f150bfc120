//! The words of letters: templates that come with the program, each of which a merchant may replace by a file of the
//! same name.
//!
//! `NAME.txt` begins with the subject in a line of its own; `NAME.html` is the same letter for programs that show HTML,
//! where everything is escaped. `NAME.de.txt` is for who reads German; a letter without words in a language is English.
//! Templates are bounded in steps and in length, and read no file and no clock.

use engine::outbox::TemplateFault;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use std::path::{Path, PathBuf};

/// Steps of one template.
const FUEL: u64 = 500_000;
/// Bytes of one worded part.
const MOST_BYTES: usize = 2 << 20;
/// Characters of a subject.
const SUBJECT_CHARS: usize = 200;

const BUILT_IN: [(&str, &str); 41] = [
    ("base.html", include_str!("base.html")),
    ("order.txt", include_str!("order.txt")),
    ("order.html", include_str!("order.html")),
    ("order.de.txt", include_str!("order.de.txt")),
    ("order.de.html", include_str!("order.de.html")),
    ("confirmation.txt", include_str!("confirmation.txt")),
    ("confirmation.html", include_str!("confirmation.html")),
    ("confirmation.de.txt", include_str!("confirmation.de.txt")),
    ("confirmation.de.html", include_str!("confirmation.de.html")),
    ("ticket.txt", include_str!("ticket.txt")),
    ("ticket.html", include_str!("ticket.html")),
    ("ticket.de.txt", include_str!("ticket.de.txt")),
    ("ticket.de.html", include_str!("ticket.de.html")),
    ("requested.txt", include_str!("requested.txt")),
    ("requested.html", include_str!("requested.html")),
    ("requested.de.txt", include_str!("requested.de.txt")),
    ("requested.de.html", include_str!("requested.de.html")),
    ("reserved.txt", include_str!("reserved.txt")),
    ("reserved.html", include_str!("reserved.html")),
    ("reserved.de.txt", include_str!("reserved.de.txt")),
    ("reserved.de.html", include_str!("reserved.de.html")),
    ("offer.txt", include_str!("offer.txt")),
    ("offer.html", include_str!("offer.html")),
    ("offer.de.txt", include_str!("offer.de.txt")),
    ("offer.de.html", include_str!("offer.de.html")),
    ("payment_failed.txt", include_str!("payment_failed.txt")),
    ("payment_failed.html", include_str!("payment_failed.html")),
    ("payment_failed.de.txt", include_str!("payment_failed.de.txt")),
    ("payment_failed.de.html", include_str!("payment_failed.de.html")),
    ("expiring.txt", include_str!("expiring.txt")),
    ("expiring.html", include_str!("expiring.html")),
    ("expiring.de.txt", include_str!("expiring.de.txt")),
    ("expiring.de.html", include_str!("expiring.de.html")),
    ("code.txt", include_str!("code.txt")),
    ("code.html", include_str!("code.html")),
    ("code.de.txt", include_str!("code.de.txt")),
    ("code.de.html", include_str!("code.de.html")),
    ("link.txt", include_str!("link.txt")),
    ("link.html", include_str!("link.html")),
    ("link.de.txt", include_str!("link.de.txt")),
    ("link.de.html", include_str!("link.de.html")),
];

/// Why there are no templates, or no letter of one.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("cannot read the mail template {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("a mail template is wrong: {0}")]
    Wrong(TemplateFault),
}

/// A worded letter.
#[allow(missing_debug_implementations)] // what is written to somebody
pub struct Worded {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// All templates, read once.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Those of the program, and in their place the files of `folder`, if there is one.
    ///
    /// # Errors
    /// A file that cannot be read, or is no template.
    pub fn new(folder: Option<&Path>) -> Result<Templates, TemplateError> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        for (name, built_in) in BUILT_IN {
            let text = match folder.map(|folder| folder.join(name)).filter(|path| path.exists()) {
                Some(path) => std::fs::read_to_string(&path)
                    .map_err(|source| TemplateError::Unreadable { path, source })?,
                None => built_in.to_owned(),
            };
            let added = environment.add_template_owned(name, text);
            added.map_err(|cause| TemplateError::Wrong(fault(name, &cause)))?;
        }
        Ok(Templates { environment })
    }

    /// A letter in words.
    ///
    /// # Errors
    /// The template that is wrong: what it asks for there is not, or it does not come to an end.
    pub fn word(&self, name: &str, facts: &serde_json::Value) -> Result<Worded, TemplateFault> {
        let lang = facts["lang"].as_str().unwrap_or_default();
        let facts = Value::from(Serde(facts));
        let part = |ending: &str| {
            // In the reader's language where there are words in it, else in English.
            let local = format!("{name}.{lang}.{ending}");
            let is_there = self.environment.get_template(&local).is_ok();
            let name = if is_there { local } else { format!("{name}.{ending}") };
            let template = self.environment.get_template(&name).map_err(|cause| fault(&name, &cause))?;
            let text = template.render(facts.clone()).map_err(|cause| fault(&name, &cause))?;
            let problem = || format!("the letter is longer than {} MiB", MOST_BYTES >> 20);
            if text.len() <= MOST_BYTES {
                Ok(text)
            } else {
                Err(TemplateFault { file: name, line: None, problem: problem() })
            }
        };
        let plain = part("txt")?;
        let (subject, text) = plain.split_once('\n').unwrap_or((&plain, ""));
        let subject = subject.chars().filter(|c| !c.is_control()).take(SUBJECT_CHARS).collect();
        Ok(Worded { subject, text: text.trim_start().to_owned(), html: part("html")? })
    }
}

/// Where it went wrong: in the template itself, or in one that it extends or includes.
fn fault(name: &str, error: &minijinja::Error) -> TemplateFault {
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref()) {
        innermost = cause;
    }
    let at = if innermost.name().is_some() { innermost } else { error };
    let problem = innermost
        .detail()
        .map_or_else(|| innermost.kind().to_string(), |detail| format!("{}: {detail}", innermost.kind()));
    TemplateFault { file: at.name().unwrap_or(name).to_owned(), line: at.line(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_letter_can_be_worded_with_and_without_facts() {
        let templates = Templates::new(None).expect("the built-in ones");
        let facts = json!({
            "shop": "Pier & Co", "name": "<b>Ada</b>", "number": "R1", "total": "$15.00", "order_url": "https://x.example/cart",
            "lines": [{ "quantity": 2, "name": "Mug <i>", "about": "Blue", "amount": "$15.00" }],
            "tickets": [{ "event": "Gala", "starts": "Sat 12 Jun 2027, 14:00 PDT", "venue": "Pier 9", "ticket_type": "VIP",
                "holder": "Ada", "url": "https://x.example/tickets/1.pdf" }],
            "attached": true, "until": "Sun", "begins": "Mon", "code": "012345",
        });
        for (name, _) in BUILT_IN {
            let Some(name) = name.strip_suffix(".txt").filter(|name| !name.starts_with("order")) else {
                continue;
            };
            let worded = templates.word(name, &facts).expect(name);
            assert!(
                worded.subject.contains("Pier & Co") && worded.text.contains("R1"),
                "{name}: {}",
                worded.text
            );
            assert!(worded.html.contains("Pier &amp; Co") && !worded.html.contains("<b>Ada"), "{name}");
            assert!(templates.word(name, &json!({})).is_ok(), "{name} without facts");
        }
        let worded = templates.word("confirmation", &facts).expect("worded");
        assert!(worded.text.contains("2 × Mug <i>") && worded.html.contains("Mug &lt;i&gt;"));
    }

    #[test]
    fn a_letter_is_in_the_language_of_its_reader_or_in_english() {
        let templates = Templates::new(None).expect("the built-in ones");
        let subject = |lang: &str| {
            let facts = json!({ "lang": lang, "shop": "Pier", "code": "012345" });
            templates.word("code", &facts).expect("worded").subject
        };
        assert_eq!(subject("de"), "012345 ist Ihr Code für Pier");
        for lang in ["en", "", "fr", "../de"] {
            assert_eq!(subject(lang), "012345 is your code for Pier", "{lang}");
        }
        let german = templates.word("offer", &json!({ "lang": "de" })).expect("worded").html;
        assert!(german.contains("<html lang=\"de\">") && german.contains("Gesamt"), "{german}");
    }

    #[test]
    fn a_merchant_s_own_words_come_first_and_are_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("offer.txt"), "Hey {{ name }}\nGo!").expect("written");
        let templates = Templates::new(Some(folder.path())).expect("templates");
        let worded = templates.word("offer", &json!({ "name": "A\r\nBcc: x" })).expect("worded");
        assert_eq!((worded.subject.as_str(), worded.text.as_str()), ("Hey A", "Bcc: x\nGo!"));
        let lost = "Hey\n\n{{ name|shout }}";
        std::fs::write(folder.path().join("offer.txt"), lost).expect("written");
        let templates =
            Templates::new(Some(folder.path())).expect("what a filter is called is known at the letter");
        let fault = templates.word("offer", &json!({})).err().expect("no such filter");
        assert_eq!((fault.file.as_str(), fault.line), ("offer.txt", Some(3)), "{fault}");
        assert!(fault.problem.contains("shout"), "{fault}");
        std::fs::write(folder.path().join("offer.txt"), "Hey\n").expect("written");
        std::fs::write(folder.path().join("order.html"), "<p>\n{{ nobody.there }}").expect("written");
        let templates = Templates::new(Some(folder.path())).expect("templates");
        let fault = templates.word("offer", &json!({})).err().expect("nothing has no parts");
        assert_eq!((fault.file.as_str(), fault.line), ("order.html", Some(2)), "{fault}");
        std::fs::remove_file(folder.path().join("order.html")).expect("removed");
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        std::fs::write(folder.path().join("offer.txt"), endless).expect("written");
        let templates = Templates::new(Some(folder.path())).expect("templates");
        assert!(templates.word("offer", &json!({})).is_err());
        std::fs::write(folder.path().join("offer.txt"), "{% if %}").expect("written");
        assert!(Templates::new(Some(folder.path())).is_err(), "found at the start, not at the first letter");
    }
}
