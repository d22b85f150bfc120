//! The built program on a store file and a database of its own, asked over HTTP.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub const CUSTOMER: &str = "two-parcels-customer-key";
const ADMIN: &str = "two-parcels-admin-key";

pub struct Server {
    child: Child,
    root: String,
    _folder: TempDir,
}

impl Server {
    /// On the store file made for carts that go through several APIs.
    pub fn start() -> Server {
        Server::on(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/two-parcels.toml"))
    }

    /// On a store file, or on `sample`.
    pub fn on(store: &Path) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--store"])
            .arg(store)
            .arg("--database")
            .arg(format!("sqlite:{}", folder.path().join("shop.db").display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let root = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {line:?}"));
        Server { root: root.to_owned(), child, _folder: folder }
    }

    /// An answer to staff, which must be a good one.
    pub fn staff(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, ADMIN, None);
        assert_eq!(status, 200, "GET {path}: {body:#}");
        body
    }

    pub fn ask(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(body.map_or_else(String::new, Value::to_string))
            .unwrap();
        let mut answer = agent.run(request).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (answer.status().as_u16(), body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that fails must not leave a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program as built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("cashwrap");
    assert!(program.exists(), "{} is missing: `cargo build --bins` makes it", program.display());
    program
}
