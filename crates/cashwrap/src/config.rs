//! The configuration file: choices below the command line and the environment.
//!
//! Its values become the defaults of the command line, so `--help` shows what would happen. A key that no choice has
//! is refused with a suggestion.

use crate::cli::Cli;
use crate::store_file::suggestion;
use anyhow::{Context as _, bail};
use clap::{Command, CommandFactory as _, FromArgMatches as _};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The command line with the configuration file underneath it.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> anyhow::Result<Cli> {
    let words: Vec<OsString> = words.into_iter().collect();
    let command = match config_file(&words) {
        Some(path) => configured(&path)?,
        None => Cli::command(),
    };
    let matches = command.try_get_matches_from(words)?;
    Ok(Cli::from_arg_matches(&matches)?)
}

/// The file is needed before the rest can be parsed.
fn config_file(words: &[OsString]) -> Option<PathBuf> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text == "--config" {
            return words.next().map(PathBuf::from);
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Some(PathBuf::from(path));
        }
        if text == "--" {
            break;
        }
    }
    std::env::var_os("CASHWRAP_CONFIG").map(PathBuf::from)
}

fn configured(path: &Path) -> anyhow::Result<Command> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {name}"))?;
    let tables: toml::Table =
        text.parse().with_context(|| format!("the configuration file {name} is not TOML"))?;
    with_defaults(Cli::command(), &tables).with_context(|| format!("in the configuration file {name}"))
}

fn with_defaults(mut root: Command, tables: &toml::Table) -> anyhow::Result<Command> {
    let names: Vec<String> = root.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for (table, keys) in tables {
        let Some(keys) = keys.as_table() else { bail!("expected `{table}` to be a table like [serve]") };
        if table != "all" && !names.contains(table) {
            bail!("there is no command `{table}`{}", suggestion(table, names.iter().map(String::as_str)));
        }
        for (key, value) in keys {
            let value = as_text(table, key, value)?;
            let mut used = false;
            for name in names.iter().filter(|name| table == "all" || *name == table) {
                root = root.mut_subcommand(name, |command| set(command, key, &value, &mut used));
            }
            if !used {
                bail!("`{table}.{key}` is no choice of this program");
            }
        }
    }
    Ok(root)
}

/// Sets the default of a choice of a command, or of the commands below it.
fn set(mut command: Command, key: &str, value: &str, used: &mut bool) -> Command {
    let id = key.replace('-', "_");
    if command
        .get_arguments()
        .any(|argument| argument.get_id() == id.as_str() && argument.get_long().is_some())
    {
        *used = true;
        let value = value.to_owned();
        command = command.mut_arg(&id, |argument| argument.default_value(value));
    }
    let below: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in below {
        command = command.mut_subcommand(name, |command| set(command, key, value, used));
    }
    command
}

fn as_text(table: &str, key: &str, value: &toml::Value) -> anyhow::Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        _ => bail!("expected `{table}.{key}` to be a text, a whole number, true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Command as Asked;
    use crate::database::Database;

    fn cli(line: &str, config: &str) -> anyhow::Result<Cli> {
        let command = with_defaults(Cli::command(), &config.parse()?)?;
        let matches = command.try_get_matches_from(line.split_whitespace())?;
        Ok(Cli::from_arg_matches(&matches)?)
    }

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_the_default() {
        let config =
            "[serve]\nlisten = \"127.0.0.1:1\"\ntest-mode = true\n[all]\ndatabase = \"sqlite::memory:\"";
        let serve = |line: &str| match cli(line, config).unwrap().command {
            Asked::Serve(args) => args,
            other => panic!("{other:?}"),
        };
        let args = serve("cashwrap serve");
        assert_eq!((args.listen.port(), args.test_mode), (1, true));
        assert_eq!(args.shop.database.database, Database::Memory);
        assert_eq!(serve("cashwrap serve --listen 127.0.0.1:2").listen.port(), 2);
    }

    #[test]
    fn keys_that_mean_nothing_are_refused() {
        let refused = |config: &str| cli("cashwrap serve", config).unwrap_err().to_string();
        assert_eq!(refused("[srve]\nlisten = \"x\""), "there is no command `srve`, did you mean \"serve\"?");
        assert_eq!(refused("[serve]\nlisn = \"x\""), "`serve.lisn` is no choice of this program");
        assert_eq!(refused("serve = 1"), "expected `serve` to be a table like [serve]");
        assert!(refused("[serve]\nlisten = \"nowhere\"").contains("nowhere"));
    }

    #[test]
    fn the_file_is_found_before_the_rest_is_parsed() {
        let find = |line: &str| config_file(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(find("cashwrap serve --config a.toml"), Some("a.toml".into()));
        assert_eq!(find("cashwrap --config=a.toml serve"), Some("a.toml".into()));
        assert_eq!(find("cashwrap serve -- --config a.toml"), None);
    }

    #[test]
    fn command_lines() {
        Cli::command().debug_assert();
        let accepts = |line: &str| cli(line, "").is_ok();
        assert!(accepts(
            "cashwrap serve --store shop.toml --database sqlite:shop.db --public-url https://a.example"
        ));
        assert!(accepts("cashwrap simulator --listen 127.0.0.1:0 --public-url http://127.0.0.1:8090"));
        assert!(accepts("cashwrap serve --akifast-base-url https://a.example --geoip geo.mmdb"));
        assert!(accepts("cashwrap demo --exit"));
        assert!(accepts("cashwrap import products a.csv --skip-bad-rows --set-stock"));
        assert!(accepts("cashwrap import taxes eu-vat.csv --map standard=Default --map reduced1=Books"));
        assert!(accepts("cashwrap export orders --format jsonl"));
        assert!(accepts("cashwrap check shop.toml") && accepts("cashwrap audit") && accepts("cashwrap apis"));
        assert!(!accepts("cashwrap"));
        assert!(!accepts("cashwrap serve --database mysql:x"));
        assert!(!accepts("cashwrap import products"));
        assert!(!accepts("cashwrap serve --public-url shop.example"));
        let later = cli("cashwrap serve --database postgres://localhost/x", "").unwrap_err().to_string();
        assert!(later.contains("later version"), "{later}");
    }
}
