//! The built program with a database file of its own, the stand-in platforms beside it in another process, and people
//! who ask both over HTTP.
//!
//! The server keeps its port when it is started again, because platforms call the address they were told.

use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Key of the sample store's administrator.
pub const ADMIN: &str = "sample-admin-key";

/// A process of the program, once it listens. It ends with this.
pub struct Program {
    child: Child,
    pub root: String,
}

impl Program {
    /// Once more, if it ended without a word: while a server was down somebody's connection may have got its port.
    fn start(arguments: &[&str], environment: &[(&str, &str)], log: impl Fn() -> Stdio) -> Program {
        let tries = (0..20).find_map(|_| {
            let started = Program::try_start(arguments, environment, log());
            if started.is_none() {
                std::thread::sleep(Duration::from_millis(250));
            }
            started
        });
        tries.unwrap_or_else(|| panic!("{arguments:?} did not say where it listens"))
    }

    fn try_start(arguments: &[&str], environment: &[(&str, &str)], log: Stdio) -> Option<Program> {
        let mut child = Command::new(binary())
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let root = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let program = Program { child, root: root.unwrap_or_default() };
        (!program.root.is_empty()).then_some(program)
    }

    /// `kill -9`.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sample store, its platforms, and its customers.
pub struct Town {
    server: Option<Program>,
    platforms: Program,
    address: String,
    /// Further choices of the server.
    environment: Vec<(&'static str, String)>,
    folder: TempDir,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub location: Option<String>,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Town {
    pub fn open() -> Town {
        Town::with(&[])
    }

    /// With further choices of the server, as environment variables.
    pub fn with(environment: &[(&'static str, &str)]) -> Town {
        let platforms = Program::start(&["simulator", "--listen", "127.0.0.1:0"], &[], Stdio::null);
        let address = "127.0.0.1:0".to_owned();
        let environment = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut town = Town { server: None, platforms, address, environment, folder };
        town.start();
        town
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("shop.db").display())
    }

    /// Where the server writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub fn start(&mut self) {
        let log = || File::options().create(true).append(true).open(self.log()).unwrap().into();
        let database = self.database();
        let arguments = ["serve", "--store", "sample", "--listen", &self.address, "--database", &database];
        let mut environment = vec![("PLATFORM_BASE_URL", self.platforms.root.as_str())];
        environment.extend(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        let server = Program::start(&arguments, &environment, log);
        // The port that it got is its own from now on: links and platforms know it.
        server.root.trim_start_matches("http://").clone_into(&mut self.address);
        self.server = Some(server);
    }

    /// `kill -9` of the server.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Ends the server and recomputes its database with the program's own `audit`.
    pub fn audit(&mut self) {
        self.kill();
        let database = self.database();
        let output = Command::new(binary())
            .args(["audit", "--store", "sample", "--database", &database])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("no breaks"), "{said}{output:?}");
    }

    /// The platforms' address.
    pub fn platforms_root(&self) -> String {
        self.platforms.root.clone()
    }

    /// The server's address.
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request of an application, for a customer, from an address in the United States.
    pub fn ping(&self, method: &str, path: &str, customer: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}/ping/1.0{path}", self.root());
        let reply = send(method, &url, &ping_headers(customer), body.map(Value::to_string));
        (reply.status, reply.json())
    }

    pub fn checkout(&self, customer: &str, body: &Value) -> (u16, Value) {
        self.ping("POST", "/private/user/checkout/create", customer, Some(body))
    }

    /// Begins a checkout that must lead to a platform, and says under which number.
    pub fn redirected(&self, customer: &str, body: &Value) -> String {
        let (status, answer) = self.checkout(customer, body);
        let data = &answer["data"];
        assert_eq!(
            (status, &data["status"], &data["flow"]),
            (201, &json!("awaiting_payment"), &json!("redirect")),
            "{body}: {answer:#}"
        );
        data["order_id"].as_str().unwrap().to_owned()
    }

    pub fn order(&self, customer: &str, number: &str) -> Value {
        let path = format!("/private/user/order/retrieve/{number}");
        let (status, answer) = self.ping("GET", &path, customer, None);
        assert_eq!(status, 200, "{number}: {answer:#}");
        answer["data"].clone()
    }

    /// The customer's credit as a quote shows it, in cents.
    pub fn balance(&self, customer: &str) -> i64 {
        let cart = json!({ "line_items": [{ "price_id": "price_res_1gb", "quantity": 1 }] });
        let (status, answer) = self.ping("POST", "/private/user/cart/calculate", customer, Some(&cart));
        assert_eq!(status, 200, "{answer:#}");
        answer["data"]["credit_balance"].as_i64().unwrap()
    }

    /// The rows of the customer's ledger, as Solidus and Spree show store credit.
    pub fn ledger(&self, customer: &str) -> Vec<Value> {
        let bearer = format!("Bearer {customer}");
        let url = format!("{}/solidus/api/store_credit_events/mine?per_page=500", self.root());
        let reply = send("GET", &url, &[("authorization", &bearer)], None);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["store_credit_events"].as_array().unwrap().clone()
    }

    /// Lets a scenario happen to a payment; answers what the shop said to each event, `None` if nothing.
    pub fn happens(&self, order: &str, scenario: &str) -> Vec<Option<u64>> {
        let url = format!("{}/sim/payments/{order}/run", self.platforms.root);
        let reply = send("POST", &url, &[], Some(json!({ "scenario": scenario }).to_string()));
        assert_eq!(reply.status, 200, "{scenario}: {reply:?}");
        let deliveries = reply.json()["deliveries"].as_array().unwrap().clone();
        deliveries.iter().map(|delivery| delivery["status"].as_u64()).collect()
    }

    /// What the platform has of an order's payment, in cents.
    pub fn received(&self, order: &str) -> i64 {
        let url = format!("{}/sim/payments?order={order}", self.platforms.root);
        let payments = send("GET", &url, &[], None).json();
        payments.as_array().unwrap().iter().map(|payment| payment["received"].as_i64().unwrap()).sum()
    }

    /// Pushes the server's clock, and waits for the sweeps.
    pub fn minutes_pass(&self, minutes: i64) {
        let url = format!("{}/admin/test/clock", self.root());
        let bearer = format!("Bearer {ADMIN}");
        let body = json!({ "advance_seconds": minutes * 60 }).to_string();
        let reply = send("POST", &url, &[("authorization", &bearer)], Some(body));
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}

pub fn ping_headers(customer: &str) -> [(&str, &str); 4] {
    [
        ("x-application-api-public-key", "app-pub-demo"),
        ("x-application-api-private-key", "app-priv-demo"),
        ("x-application-forwarded-client-ip-address", "8.8.8.8"),
        ("authorization", customer),
    ]
}

/// Sends a request; redirects are answers. JSON, unless a header says otherwise.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: Option<String>) -> Reply {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let agent: ureq::Agent = config.build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.unwrap_or_default()).unwrap();
    let mut answer = agent.run(request).unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = answer.body_mut().read_to_string().unwrap();
    Reply { status: answer.status().as_u16(), location, text }
}

/// The program as built beside this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().and_then(Path::parent).unwrap().join("cashwrap");
    assert!(binary.exists(), "{} is missing: `cargo build --bins` makes it", binary.display());
    binary
}
