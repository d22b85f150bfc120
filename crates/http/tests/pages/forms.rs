//! What a browser without scripts makes of a page: the fields of its form, what pressing a button sends, where a link
//! goes. Fields keep what the page put into them, unless somebody types something else.

use std::fmt::Write as _;

/// Where the page's form goes when this button is pressed, and what it says.
pub fn sent(page: &str, button: &str, typed: &[(&str, &str)]) -> (String, String) {
    let mut all = fields(page);
    all.retain(|(name, _)| !typed.iter().any(|(typed, _)| typed == name));
    all.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all.push(("do".to_owned(), button.to_owned()));
    let pairs: Vec<String> =
        all.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    let form = page.split("<form ").find(|form| form.contains("id=\"f\"")).expect("a form");
    (attribute(form, "action").unwrap(), pairs.join("&"))
}

/// What the form would send as it stands.
pub fn fields(page: &str) -> Vec<(String, String)> {
    let from = page.find("<form id=\"f\"").unwrap_or_else(|| panic!("no form: {page}"));
    let form = &page[from..from + page[from..].find("</form>").unwrap()];
    let mut fields = Vec::new();
    for tag in form.split('<').skip(1) {
        let head = tag.split('>').next().unwrap();
        let name = attribute(head, "name");
        let kind = attribute(head, "type").unwrap_or_default();
        let ticked = head.contains(" checked");
        match (tag.split([' ', '>']).next().unwrap(), name) {
            ("input", Some(_)) if matches!(kind.as_str(), "radio" | "checkbox") && !ticked => {}
            ("input", Some(name)) => fields.push((name, attribute(head, "value").unwrap_or_default())),
            ("textarea", Some(name)) => {
                let text = tag.split_once('>').unwrap().1;
                fields.push((name, unescaped(text.strip_prefix('\n').unwrap_or(text))));
            }
            ("select", Some(name)) => {
                let rest = &form[form.find(&format!("<{tag}")).unwrap()..];
                let options = rest[..rest.find("</select>").unwrap()].split("<option ").skip(1);
                let chosen =
                    options.clone().find(|option| option.split('>').next().unwrap().contains(" selected"));
                let chosen = chosen.or(options.clone().next());
                let value = chosen.and_then(|option| attribute(option, "value"));
                fields.push((name, value.unwrap_or_default()));
            }
            _ => {}
        }
    }
    fields
}

/// Where the link with this text goes.
pub fn link(page: &str, text: &str) -> String {
    let anchor = page.split("<a ").skip(1).find(|anchor| anchor.split("</a>").next().unwrap().contains(text));
    attribute(anchor.unwrap_or_else(|| panic!("no link {text:?} on {page}")), "href").unwrap()
}

pub fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => safe.push(char::from(byte)),
            other => write!(safe, "%{other:02X}").unwrap(),
        }
    }
    safe
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next().unwrap();
    let from = tag.find(&format!("{name}=\""))? + name.len() + 2;
    Some(unescaped(&tag[from..from + tag[from..].find('"')?]))
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, letter) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
    {
        text = text.replace(entity, letter);
    }
    text
}
