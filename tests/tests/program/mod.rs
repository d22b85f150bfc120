//! The built program on the sample store and a database file of its own, asked over HTTP. It can be killed and started
//! again on the same file.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

/// Keys of the sample store.
pub const KEY: &str = "sample-api-key";
pub const ADMIN: &str = "sample-admin-key";

/// The ticket API.
pub const API: &str = "/guest-manager/api/public/v2";

pub struct Program {
    child: Mutex<Child>,
    pub root: String,
}

/// An answer: its status and its bytes.
pub struct Answer {
    pub status: u16,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body, which must have come with this status.
    pub fn json(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{text}");
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("this is no JSON: {text}"))
    }
}

impl Program {
    /// Starts it in test mode, on a database that may be there already.
    pub fn start(database: &Path) -> Program {
        Program::start_with(database, &[])
    }

    /// The same, with more said on its command line.
    pub fn start_with(database: &Path, more: &[&str]) -> Program {
        let mut child = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--store", "sample", "--test-mode", "--database"])
            .arg(format!("sqlite:{}", database.display()))
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let root = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {line:?}"));
        Program { root: root.to_owned(), child: Mutex::new(child) }
    }

    /// An answer; `None` if the connection broke off, as it does when the program is killed.
    pub fn try_ask(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Option<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header("authorization", format!("Token {key}"))
            .header("content-type", "application/json")
            .body(body.map_or_else(String::new, Value::to_string))
            .unwrap();
        let mut answer = agent.run(request).ok()?;
        let bytes = answer.body_mut().read_to_vec().ok()?;
        Some(Answer { status: answer.status().as_u16(), bytes })
    }

    /// An answer of the ticket API to a buyer's program.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_ask(method, &format!("{API}{path}"), KEY, body).expect("the server answers")
    }

    /// An answer of the ticket API to staff.
    pub fn staff(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_ask(method, &format!("{API}{path}"), ADMIN, body).expect("the server answers")
    }

    /// `kill -9`, also while others ask. Killed twice is killed.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that fails must not leave a server behind.
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The program as built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("cashwrap");
    assert!(program.exists(), "{} is missing: `cargo build --bins` makes it", program.display());
    program
}
