//! Somebody with a browser without scripts who goes from page to page of a running shop, and to the pages of the platform
//! it sends its buyers to.

use crate::forms;
use std::collections::BTreeMap;

pub struct Browser {
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
    /// Where the person is, with scheme and host.
    pub url: String,
    pub page: String,
    pub status: u16,
}

impl Browser {
    pub fn new() -> Browser {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Browser {
            agent: config.build().into(),
            cookies: BTreeMap::new(),
            url: String::new(),
            page: String::new(),
            status: 0,
        }
    }

    pub fn open(&mut self, url: &str) {
        self.go("GET", self.absolute(url), String::new());
    }

    /// Presses the way on of a page of ours.
    pub fn go_on(&mut self, typed: &[(&str, &str)]) {
        self.press("go", typed);
    }

    /// Presses another button of it, by what it sends.
    pub fn press(&mut self, button: &str, typed: &[(&str, &str)]) {
        let (action, body) = forms::sent(&self.page, button, typed);
        self.go("POST", self.absolute(&action), body);
    }

    pub fn follow(&mut self, text: &str) {
        self.open(&forms::link(&self.page, text));
    }

    /// Sends a form to where the person is, as a button of another site's page does.
    pub fn send(&mut self, body: &str) {
        self.go("POST", self.url.clone(), body.to_owned());
    }

    #[track_caller]
    pub fn sees(&self, wanted: &[&str]) {
        for wanted in wanted {
            let (url, status, page) = (&self.url, self.status, &self.page);
            assert!(page.contains(wanted), "{wanted:?} is not on {url} ({status}): {page}");
        }
    }

    /// The last part of where the person is.
    pub fn at(&self) -> &str {
        self.url.split('?').next().unwrap().rsplit('/').next().unwrap()
    }

    fn absolute(&self, url: &str) -> String {
        if !url.starts_with('/') {
            return url.to_owned();
        }
        let host = self.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        format!("{host}{url}")
    }

    fn go(&mut self, method: &str, url: String, body: String) {
        let (mut method, mut url, mut body) = (method, url, body);
        for _ in 0..10 {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(&url)
                .header("cookie", cookies.join("; "))
                .header("accept-language", "en")
                .header("sec-fetch-dest", "document")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
                .unwrap();
            let mut answer = self.agent.run(request).unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let status = answer.status().as_u16();
            self.url = url;
            if !(300..400).contains(&status) {
                self.page = answer.body_mut().read_to_string().unwrap();
                self.status = status;
                return;
            }
            let location = answer.headers()["location"].to_str().unwrap().to_owned();
            url = self.absolute(&location);
            (method, body) = ("GET", String::new());
        }
        panic!("sent around in circles: {url}");
    }
}
