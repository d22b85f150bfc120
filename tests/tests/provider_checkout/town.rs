//! A shop and its provider as two processes that speak over HTTP: the built program twice, once as `serve` on a database file
//! of its own, once as `simulator`. Either can be killed and started again at the same address.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ADMIN: &str = "sample-admin-key";
/// How long an address may stay taken by what was killed a moment ago.
const FREE_WITHIN: Duration = Duration::from_secs(20);

pub struct Town {
    folder: TempDir,
    store: PathBuf,
    shop: Mutex<Option<Running>>,
    provider: Mutex<Option<Running>>,
    pub shop_url: String,
    pub provider_url: String,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// As JSON, or a text if it is none.
    pub body: Value,
    pub location: Option<String>,
    pub cookies: Vec<String>,
}

impl Reply {
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL; a test that fails must not leave a process behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Town {
    /// On the sample store.
    pub fn new() -> Town {
        Town::with(Path::new("sample"), None)
    }

    /// On the sample store, with whatever answers at this address for its provider.
    pub fn whose_provider_is_at(url: &str) -> Town {
        Town::with(Path::new("sample"), Some(url))
    }

    /// On a store file.
    pub fn on(store: &Path) -> Town {
        Town::with(store, None)
    }

    fn with(store: &Path, elsewhere: Option<&str>) -> Town {
        let (provider, provider_url) = match elsewhere {
            Some(url) => (None, url.to_owned()),
            None => {
                let (running, url) = start(&["simulator", "--listen", "127.0.0.1:0"]).unwrap();
                (Some(running), url)
            }
        };
        let mut town = Town {
            folder: tempfile::tempdir().unwrap(),
            store: store.to_owned(),
            shop: Mutex::new(None),
            provider: Mutex::new(provider),
            shop_url: String::new(),
            provider_url,
        };
        let (shop, url) = town.serve("127.0.0.1:0").unwrap();
        town.shop_url = url;
        *town.shop.lock().unwrap() = Some(shop);
        town
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("shop.db").display())
    }

    fn serve(&self, listen: &str) -> Result<(Running, String), String> {
        let (store, database) = (self.store.display().to_string(), self.database());
        let far = self.provider_url.as_str();
        start(&[
            "serve",
            "--test-mode",
            "--listen",
            listen,
            "--store",
            &store,
            "--database",
            &database,
            "--akifast-base-url",
            far,
            "--akifast-api-key",
            "simulator-demo-key",
        ])
    }

    /// `kill -9` of the shop.
    pub fn kill_shop(&self) {
        drop(self.shop.lock().unwrap().take());
    }

    /// The shop again, on the same file and at the same address.
    pub fn restart_shop(&self) {
        let listen = self.shop_url.strip_prefix("http://").unwrap();
        *self.shop.lock().unwrap() = Some(again(|| self.serve(listen)));
    }

    pub fn kill_provider(&self) {
        drop(self.provider.lock().unwrap().take());
    }

    /// The provider again, which has forgotten everything.
    pub fn restart_provider(&self) {
        let listen = self.provider_url.strip_prefix("http://").unwrap();
        *self.provider.lock().unwrap() = Some(again(|| start(&["simulator", "--listen", listen])));
    }

    /// What `cashwrap audit` says of the file, which nobody may be using. Panics if anything is amiss.
    #[track_caller]
    pub fn audit(&self) {
        let (store, database) = (self.store.display().to_string(), self.database());
        let words = ["audit", "--store", &store, "--database", &database];
        let said = Command::new(program()).args(words).output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        assert!(
            said.status.success() && text.starts_with("no breaks"),
            "{text}{}",
            String::from_utf8_lossy(&said.stderr)
        );
    }

    /// Time passes at the shop, and not at the provider.
    pub fn pass(&self, seconds: i64) {
        let body = json!({ "advance_seconds": seconds });
        self.staff_asks("POST", "/admin/test/clock", Some(&body)).is(200);
    }

    /// An answer to staff, which must be a good one.
    #[track_caller]
    pub fn staff(&self, path: &str) -> Value {
        self.staff_asks("GET", path, None).is(200)
    }

    pub fn staff_asks(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let key = format!("Bearer {ADMIN}");
        let url = format!("{}{path}", self.shop_url);
        send(method, &url, &[("authorization", &key)], body.map(Value::to_string).as_deref()).unwrap()
    }

    /// A call without cookies, as the provider's server makes them.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.try_post(path, body).unwrap()
    }

    /// The same where the shop may be gone.
    pub fn try_post(&self, path: &str, body: &Value) -> Result<Reply, ureq::Error> {
        send("POST", &format!("{}{path}", self.shop_url), &[], Some(&body.to_string()))
    }

    /// A scenario of the simulator: its transcript.
    pub fn run(&self, token: &str, request: &Value) -> Value {
        let url = format!("{}/sim/{token}/run", self.provider_url);
        send("POST", &url, &[], Some(&request.to_string())).unwrap().is(200)
    }

    /// Orders that are placed and not cancelled, of all channels.
    pub fn orders(&self) -> u64 {
        self.staff("/solidus/api/orders?per_page=1&q[state_eq]=complete")["total_count"].as_u64().unwrap()
    }
}

fn start(words: &[&str]) -> Result<(Running, String), String> {
    let mut child = Command::new(program())
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let said = child.stdout.take().map(BufReader::new);
    let running = Running(child);
    let mut line = String::new();
    said.ok_or("no output")?.read_line(&mut line).map_err(|error| error.to_string())?;
    let url = line.trim().strip_prefix("listening on ");
    Ok((running, url.ok_or_else(|| format!("{words:?} said {line:?}"))?.to_owned()))
}

/// Starts until it starts.
fn again(start: impl Fn() -> Result<(Running, String), String>) -> Running {
    let since = Instant::now();
    loop {
        match start() {
            Ok((running, _)) => return running,
            Err(error) => assert!(since.elapsed() < FREE_WITHIN, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The program as built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("cashwrap");
    assert!(program.exists(), "{} is missing: `cargo build --bins` makes it", program.display());
    program
}

/// One request, as JSON unless a header says otherwise; redirects are answers.
pub fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Result<Reply, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = agent.run(request.body(body.unwrap_or_default().to_owned()).unwrap())?;
    let text = answer.body_mut().read_to_string()?;
    let header = |name: &str| {
        let all = answer.headers().get_all(name).iter();
        all.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    Ok(Reply {
        status: answer.status().as_u16(),
        location: header("location").pop(),
        cookies: header("set-cookie"),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    })
}
