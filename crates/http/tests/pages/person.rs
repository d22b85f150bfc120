//! Somebody with a browser without scripts: follows links and redirects, keeps cookies, fills in forms and presses their
//! buttons. Fields keep what the page put into them, unless the person types something else.

use crate::desk::{Desk, Got};
use crate::forms;
pub use crate::forms::escaped;
use std::collections::BTreeMap;

pub struct Person<'a> {
    desk: &'a Desk,
    pub cookies: BTreeMap<String, String>,
    /// Where the person is.
    pub path: String,
    pub page: String,
    pub status: u16,
    pub language: &'static str,
    /// The browser keeps cookies and says that it shows pages in tabs.
    pub keeps_cookies: bool,
}

impl<'a> Person<'a> {
    pub fn new(desk: &'a Desk) -> Person<'a> {
        Person {
            desk,
            cookies: BTreeMap::new(),
            path: String::new(),
            page: String::new(),
            status: 0,
            language: "en",
            keeps_cookies: true,
        }
    }

    pub async fn open(&mut self, link: &str) {
        let path = link.strip_prefix("http://").map_or(link, |rest| &rest[rest.find('/').unwrap()..]);
        self.go("GET", path.to_owned(), String::new()).await;
    }

    /// Presses a button of the page's form, by what it sends.
    pub async fn press(&mut self, button: &str, typed: &[(&str, &str)]) {
        let (action, body) = self.form(button, typed);
        self.go("POST", action, body).await;
    }

    /// Presses the way on.
    pub async fn go_on(&mut self, typed: &[(&str, &str)]) {
        self.press("go", typed).await;
    }

    /// Where the page's form goes, and what it says.
    pub fn form(&self, button: &str, typed: &[(&str, &str)]) -> (String, String) {
        forms::sent(&self.page, button, typed)
    }

    /// What the form would send as it stands.
    pub fn fields(&self) -> Vec<(String, String)> {
        forms::fields(&self.page)
    }

    /// What stands in a field.
    pub fn field(&self, name: &str) -> String {
        let fields = self.fields();
        let found = fields.iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no field {name} among {fields:?}")).1.clone()
    }

    /// The names of fields that begin so.
    pub fn names(&self, beginning: &str) -> Vec<String> {
        let all = self.page.split(" name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let mut names: Vec<String> = all.filter(|name| name.starts_with(beginning)).collect();
        names.dedup();
        names
    }

    pub fn link(&self, text: &str) -> String {
        forms::link(&self.page, text)
    }

    #[track_caller]
    pub fn sees(&self, wanted: &[&str]) {
        for wanted in wanted {
            assert!(
                self.page.contains(wanted),
                "{wanted:?} is not on {} ({}): {}",
                self.path,
                self.status,
                self.page
            );
        }
    }

    /// The last part of where the person is.
    pub fn at(&self) -> &str {
        self.path.split('?').next().unwrap().rsplit('/').next().unwrap()
    }

    async fn go(&mut self, method: &str, path: String, body: String) {
        let (mut method, mut path, mut body) = (method.to_owned(), path, body);
        for _ in 0..10 {
            let got = self.once(&method, &path, &body).await;
            if !(300..400).contains(&got.status) {
                (self.status, self.path) = (got.status, path);
                self.page = String::from_utf8(got.body).unwrap();
                return;
            }
            path = got.header("location").to_owned();
            (method, body) = ("GET".to_owned(), String::new());
        }
        panic!("sent around in circles: {path}");
    }

    /// One request, as this browser makes it.
    pub async fn once(&mut self, method: &str, path: &str, body: &str) -> Got {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = vec![("Accept-Language", self.language), ("Sec-Fetch-Dest", "document")];
        if !cookies.is_empty() {
            headers.push(("Cookie", &cookies));
        }
        let got = self.desk.send(method, path, &headers, body).await;
        for (_, cookie) in got.headers.iter().filter(|(name, _)| self.keeps_cookies && name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match cookie.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        got
    }
}
