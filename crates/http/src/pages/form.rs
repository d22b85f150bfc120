//! The parts a question is made of: fields, choices, counts. Values for templates; nothing here knows an order.
//!
//! Each field carries what was typed and what is wrong with it, so that an error stands beside its field and nothing
//! has to be typed twice.

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field, which is its id on the page too.
    pub field: String,
    pub text: String,
    /// What the summary says before the text: `Ticket 2`.
    pub about: String,
}

impl Problem {
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { field: field.into(), text: text.into(), about: String::new() }
    }
}

/// A line or an area to type in.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub name: String,
    pub label: String,
    /// `text`, `email`, `tel`, `number`, `date`, `password`, or `area`.
    pub kind: &'static str,
    /// `inputmode`, if it is not what the kind says.
    pub mode: &'static str,
    /// `autocomplete`
    pub auto: &'static str,
    pub value: String,
    pub optional: bool,
    pub help: Option<String>,
    pub error: Option<String>,
    /// Half a row.
    pub half: bool,
}

impl Field {
    pub fn described(&self) -> String {
        described(&self.name, self.help.is_some(), self.error.is_some())
    }
}

fn described(name: &str, help: bool, error: bool) -> String {
    let parts = [(help, "help"), (error, "error")].into_iter().filter(|(there, _)| *there);
    parts.map(|(_, part)| format!("{name}-{part}")).collect::<Vec<_>>().join(" ")
}

/// One of a list that is folded up.
#[derive(Debug, Clone, Default)]
pub struct Select {
    pub name: String,
    pub label: String,
    pub auto: &'static str,
    pub options: Vec<Choice>,
    pub optional: bool,
    pub error: Option<String>,
    pub half: bool,
    /// Another choice asks for other fields: then the form has to be drawn again.
    pub redraws: bool,
}

impl Select {
    pub fn described(&self) -> String {
        described(&self.name, false, self.error.is_some())
    }
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub chosen: bool,
}

/// Choices as cards.
#[derive(Debug, Clone, Default)]
pub struct Picks {
    pub name: String,
    pub legend: String,
    /// For those who see it without: the heading says the same.
    pub legend_hidden: bool,
    /// Several may be chosen.
    pub many: bool,
    pub rows: Vec<Pick>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Pick {
    pub value: String,
    pub title: String,
    pub amount: String,
    pub detail: String,
    pub chosen: bool,
    /// It cannot be chosen; the detail says why.
    pub off: bool,
    /// What the button says if this is chosen.
    pub button: String,
    /// What stands under the button then.
    pub note: String,
}

/// A box to tick.
#[derive(Debug, Clone, Default)]
pub struct Check {
    pub name: String,
    pub label: String,
    /// Shown while it is ticked.
    pub detail: String,
    pub ticked: bool,
    /// Hides the other fields of its group while it is ticked.
    pub keeps: bool,
}

/// A number of pieces between a minus and a plus.
#[derive(Debug, Clone, Default)]
pub struct Count {
    pub name: String,
    pub label: String,
    pub about: String,
    pub amount: String,
    pub value: u32,
    pub error: Option<String>,
    pub less: String,
    pub more: String,
    pub off: bool,
}

impl Count {
    /// What the buttons send.
    pub fn put(&self, more: bool) -> String {
        let value = if more { self.value.saturating_add(1) } else { self.value.saturating_sub(1) };
        format!("put:{}:{value}", self.name)
    }
}

#[derive(Debug, Clone)]
pub enum Item {
    Field(Field),
    Select(Select),
    Picks(Picks),
    Check(Check),
    Count(Count),
    /// A sentence.
    Said(String),
    /// A button beside the way on: what it sends, and what it says.
    Button(String, String),
}

/// What belongs together.
#[derive(Debug, Clone, Default)]
pub struct Group {
    pub legend: String,
    pub legend_hidden: bool,
    /// Beside the legend.
    pub about: String,
    pub card: bool,
    /// Before the rest, and what hides it.
    pub first: Option<Check>,
    pub items: Vec<Item>,
    /// Its error is about the group as a whole: name and text.
    pub error: Option<(String, String)>,
}

impl Group {
    pub fn plain(items: Vec<Item>) -> Group {
        Group { items, ..Group::default() }
    }
}

/// A page's question.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub heading: String,
    pub lead: String,
    /// What the question is about: said before, and shown before the groups.
    pub before: Vec<Recap>,
    pub groups: Vec<Group>,
    pub recap: Vec<Recap>,
    pub button: String,
    /// A lock stands on the button that pays.
    pub pays: bool,
    /// Under the button; empty: that nothing is charged yet, and the total.
    pub note: String,
    /// Other words before that total.
    pub uncharged: String,
    /// The button accepts the shop's terms: the key of the sentence that says so.
    pub accepts: &'static str,
    /// There is no way on but the other buttons.
    pub stuck: bool,
}

impl Question {
    /// What a field is called on the page.
    pub fn label(&self, field: &str) -> Option<&str> {
        let items = self.groups.iter().flat_map(|group| &group.items);
        let mut named = items.filter_map(|item| match item {
            Item::Field(one) => Some((&one.name, &one.label)),
            Item::Select(one) => Some((&one.name, &one.label)),
            Item::Picks(one) => Some((&one.name, &one.legend)),
            Item::Check(one) => Some((&one.name, &one.label)),
            Item::Count(one) => Some((&one.name, &one.label)),
            Item::Said(_) | Item::Button(..) => None,
        });
        named.find(|(name, _)| *name == field).map(|(_, label)| label.as_str())
    }
}

/// What was said before, and where to change it.
#[derive(Debug, Clone)]
pub struct Recap {
    pub label: &'static str,
    /// What is changed, for those who hear the link only.
    pub thing: &'static str,
    pub said: String,
    pub change: Option<String>,
}

impl Recap {
    pub fn parts(&self) -> Vec<&str> {
        parts(&self.said)
    }
}

/// A text in parts between which a line may end: addresses of mails are long words, and break at their signs.
pub fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        let signs = word.char_indices().filter(|_| word.contains('@'));
        for (sign, letter) in signs {
            let end = match letter {
                '@' => at + sign + 1,
                '.' => at + sign,
                _ => continue,
            };
            parts.extend(text.get(from..end).filter(|part| !part.is_empty()));
            from = end;
        }
        at += word.len();
    }
    parts.extend(text.get(from..).filter(|part| !part.is_empty()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_break_at_their_signs() {
        for (text, expected) in [
            ("maya.l@example.com", &["maya", ".l@", "example", ".com"][..]),
            ("St. John's Rd. 1.5", &["St. John's Rd. 1.5"]),
            ("To a@b.de, Dr. X", &["To a@", "b", ".de, Dr. X"]),
            (".@.", &[".@", "."]),
            ("", &[]),
        ] {
            assert_eq!(parts(text), expected);
            assert_eq!(parts(text).concat(), text, "nothing is lost");
        }
    }
}
