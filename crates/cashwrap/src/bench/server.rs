//! The server under test: one that runs already, or one of our own in a temporary place.
//!
//! Our own server is this same program. It is ready when it prints `listening on http://…`; what else it prints
//! goes to a log beside its database, of which the end is shown when something goes wrong. It never outlives
//! the benchmark.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::client::Target;

/// How the ready server says where it listens.
const READY: &str = "listening on ";

/// Longest start. Recovery of a large database after a crash is part of it.
const START: Duration = Duration::from_secs(60);

/// Longest clean stop before it counts as hanging.
const STOP: Duration = Duration::from_secs(30);

/// Which server to measure.
#[derive(Debug, Clone, clap::Args)]
pub struct ServerArgs {
    /// Measure the server at this address (http://host:port) instead of starting one.
    #[arg(long)]
    pub url: Option<String>,
    /// Process id of the server at --url, to read its processor time and bytes written.
    #[arg(long, requires = "url")]
    pub pid: Option<u32>,
    /// Database of the started server [default: a SQLite file in a temporary folder].
    #[arg(long, conflicts_with = "url")]
    pub database: Option<String>,
    /// Where the temporary folder is made; durable figures need a real disk here, not memory.
    #[arg(long, conflicts_with = "url")]
    pub dir: Option<PathBuf>,
    /// API key of an administrator of the store.
    #[arg(long, default_value = "sample-admin-key")]
    pub admin_key: String,
}

/// A folder for the database, log and store file of our own servers; removed at the end.
#[derive(Debug)]
pub struct Place {
    dir: TempDir,
    database: Option<String>,
}

impl Place {
    /// Makes the folder.
    pub fn new(args: &ServerArgs) -> anyhow::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("cashwrap-bench-");
        let dir = match &args.dir {
            Some(parent) => builder.tempdir_in(parent),
            None => builder.tempdir(),
        };
        let dir = dir.context("cannot make a temporary folder for the benchmark")?;
        Ok(Self { dir, database: args.database.clone() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The value of `--database` for servers in this place.
    pub fn database(&self) -> String {
        let own = || format!("sqlite:{}", self.file("bench.db").display());
        self.database.clone().unwrap_or_else(own)
    }

    /// Starts this program's own server on `store` (`sample` or a file).
    pub async fn serve(&self, store: &str) -> anyhow::Result<Spawned> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let database = self.database();
        let words = ["serve", "--store", store, "--database", &database];
        let words = words.into_iter().chain(["--listen", "127.0.0.1:0", "--test-mode"]);
        Spawned::start(&program, words.map(OsString::from), &self.file("server.log")).await
    }
}

/// A server this benchmark started.
#[derive(Debug)]
pub struct Spawned {
    child: Child,
    pid: u32,
    target: Target,
    log: PathBuf,
}

impl Spawned {
    /// Starts a program and waits until it says where it listens.
    pub async fn start(
        program: &Path,
        words: impl Iterator<Item = OsString>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let errors = std::fs::File::options().create(true).append(true).open(log)?;
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let stdout = child.stdout.take().context("the server's output is not readable")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = match tokio::time::timeout(START, ready_line(&mut lines)).await {
            Ok(Ok(address)) => address,
            Ok(Err(cause)) => bail!("the server did not start: {cause}{}", tail(log)),
            Err(_) => bail!("the server was not ready within {} s{}", START.as_secs(), tail(log)),
        };
        // A full pipe would stop the server, so somebody must keep reading.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, pid, target: Target::parse(&address)?, log: log.to_owned() })
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where it listens.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Ends it the way a power cut of the process would: SIGKILL, nothing finished, nothing flushed.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server had ended by itself ({status}){}", tail(&self.log));
        }
        self.child.kill().await.context("cannot kill the server")
    }

    /// Asks it to stop (SIGTERM) and waits; an exit status other than 0 is an error.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("odd process id")?;
        kill_process(pid, Signal::TERM).context("cannot ask the server to stop")?;
        let ended = tokio::time::timeout(STOP, self.child.wait()).await;
        let status =
            ended.with_context(|| format!("the server did not stop within {} s", STOP.as_secs()))??;
        if !status.success() {
            bail!("the server stopped with {status}{}", tail(&self.log));
        }
        Ok(())
    }
}

async fn ready_line(lines: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<String> {
    while let Some(line) = lines.next_line().await? {
        if let Some(address) = address_in(&line) {
            return Ok(address.to_owned());
        }
    }
    bail!("it ended without saying where it listens")
}

/// The address in a ready line; the line may carry a timestamp in front and words behind.
fn address_in(line: &str) -> Option<&str> {
    let rest = line.split_once(READY)?.1;
    let address = rest.split_whitespace().next()?;
    address.starts_with("http://").then_some(address)
}

/// The end of the server's log, for an error message.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(10)..];
    if last.is_empty() { String::new() } else { format!("\nthe end of its log:\n{}", last.join("\n")) }
}

/// The server that is measured, whoever started it.
#[derive(Debug)]
pub enum Server {
    /// Runs already.
    Foreign { target: Target, pid: Option<u32> },
    /// Ours, with the folder it lives in.
    Own { spawned: Box<Spawned>, place: Place },
}

impl Server {
    /// Connects to `--url`, or starts a server on `store`.
    pub async fn find(args: &ServerArgs, store: &str) -> anyhow::Result<Self> {
        if let Some(url) = &args.url {
            return Ok(Self::Foreign { target: Target::parse(url)?, pid: args.pid });
        }
        let place = Place::new(args)?;
        Self::own(place, store).await
    }

    /// Starts a server of our own in `place`.
    pub async fn own(place: Place, store: &str) -> anyhow::Result<Self> {
        let spawned = Box::new(place.serve(store).await?);
        Ok(Self::Own { spawned, place })
    }

    /// Where it listens.
    pub fn target(&self) -> &Target {
        match self {
            Self::Foreign { target, .. } => target,
            Self::Own { spawned, .. } => spawned.target(),
        }
    }

    /// Its process id, when known.
    pub fn pid(&self) -> Option<u32> {
        match self {
            Self::Foreign { pid, .. } => *pid,
            Self::Own { spawned, .. } => Some(spawned.pid()),
        }
    }

    /// Stops it if it is ours, and removes its folder.
    pub async fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Foreign { .. } => Ok(()),
            Self::Own { spawned, place } => {
                spawned.stop().await?;
                place.dir.close().context("cannot remove the temporary folder")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, dir: &Path) -> anyhow::Result<Spawned> {
        let words = ["-c", script].map(OsString::from).into_iter();
        Spawned::start(Path::new("/bin/sh"), words, &dir.join("log")).await
    }

    #[test]
    fn ready_lines() {
        assert_eq!(address_in("listening on http://127.0.0.1:80"), Some("http://127.0.0.1:80"));
        assert_eq!(address_in("12:00 listening on http://[::1]:8080 (sample)"), Some("http://[::1]:8080"));
        assert_eq!(address_in("listening on 127.0.0.1:80"), None);
        assert_eq!(address_in("loading store"), None);
    }

    #[tokio::test]
    async fn starts_stops_and_tells_an_unclean_end() {
        let dir = tempfile::tempdir().unwrap();
        let listen = "echo loading; echo listening on http://127.0.0.1:9";
        let polite = format!("trap 'exit 0' TERM; {listen}; while :; do sleep 0.05; done");
        let server = shell(&polite, dir.path()).await.unwrap();
        assert_eq!(server.target(), &Target::parse("http://127.0.0.1:9").unwrap());
        server.stop().await.unwrap();

        let rude = format!("trap 'echo oh dear >&2; exit 3' TERM; {listen}; while :; do sleep 0.05; done");
        let error = shell(&rude, dir.path()).await.unwrap().stop().await.unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("oh dear"), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_never_listens_is_an_error_with_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let error = shell("echo no such store >&2; exit 1", dir.path()).await.unwrap_err().to_string();
        assert!(error.contains("did not start") && error.contains("no such store"), "{error}");
    }

    #[tokio::test]
    async fn killing_a_server_that_died_by_itself_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let server = shell("echo listening on http://127.0.0.1:9", dir.path()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(server.kill().await.unwrap_err().to_string().contains("ended by itself"));
    }
}
