//! The built program on a store file and a database of its own, asked over HTTP.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub const CUSTOMER: &str = "two-parcels-customer-key";
const ADMIN: &str = "two-parcels-admin-key";

pub struct Server {
    process: Process,
    _folder: TempDir,
}

/// The payment platforms, as a process of their own.
pub struct Simulator {
    process: Process,
}

impl Simulator {
    pub fn start() -> Simulator {
        Simulator { process: Process::start(&["simulator", "--listen", "127.0.0.1:0"]) }
    }
}

/// The program, killed when it is not needed any more.
struct Process {
    child: Child,
    /// Its address, with scheme and host.
    root: String,
}

impl Process {
    fn start(args: &[&str]) -> Process {
        let mut command = Command::new(program());
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let root = line.trim().rsplit(' ').next().filter(|root| root.starts_with("http"));
        let root = root.unwrap_or_else(|| panic!("{args:?} said {line:?}")).to_owned();
        Process { child, root }
    }
}

impl Server {
    /// On the store file made for carts that go through several APIs.
    pub fn start() -> Server {
        Server::on(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/two-parcels.toml"))
    }

    /// On a store file, or on `sample`.
    pub fn on(store: &Path) -> Server {
        Server::run(store, &[])
    }

    /// The same, with payment platforms.
    pub fn with_platforms(store: &Path, simulator: &Simulator) -> Server {
        let (url, key, secret) =
            (&simulator.process.root, "simulator-demo-key", "whsec_c2ltdWxhdG9yLWRlbW8td2ViaG9vay1zZWNyZXQ=");
        let keys = ["--platform-api-key", key, "--platform-webhook-secret", secret];
        Server::run(store, &[&["--platform-base-url", url], &keys[..]].concat())
    }

    fn run(store: &Path, more: &[&str]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("shop.db").display());
        let store = store.display().to_string();
        let args = ["serve", "--listen", "127.0.0.1:0", "--store", &store, "--database", &database];
        Server { process: Process::start(&[&args[..], more].concat()), _folder: folder }
    }

    /// The address of a page of it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.process.root)
    }

    /// A basket of Akinon's API with one piece in it, of a shopper nobody knows.
    pub fn basket(&self, product: i64) -> Value {
        let agent = agent();
        let answer = agent.get(self.url("/csrf_token/")).call().unwrap();
        let set = answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let cookies: Vec<&str> = set.map(|cookie| cookie.split(';').next().unwrap()).collect();
        let token = cookies.iter().find_map(|cookie| cookie.strip_prefix("csrftoken=")).unwrap();
        let body = serde_json::json!({ "product": product, "quantity": 1, "attributes": {} });
        let request = agent.post(self.url("/baskets/basket/")).header("cookie", cookies.join("; "));
        let request = request.header("x-csrftoken", token).header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 201, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// An answer to staff, which must be a good one.
    pub fn staff(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, ADMIN, None);
        assert_eq!(status, 200, "GET {path}: {body:#}");
        body
    }

    pub fn ask(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> (u16, Value) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(body.map_or_else(String::new, Value::to_string))
            .unwrap();
        let mut answer = agent().run(request).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (answer.status().as_u16(), body)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails must not leave a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// The program as built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("cashwrap");
    assert!(program.exists(), "{} is missing: `cargo build --bins` makes it", program.display());
    program
}
