//! The direction of dependency: domain ← engine ← store, http, outbound ← cashwrap.
//!
//! Reads the crates' manifests. The compiler already refuses what a manifest does not list; this refuses a manifest that
//! lists too much. A crate that has no place in the table fails: a new room needs a decision, not a default.

use crate::Finding;
use toml::Table;

/// A crate of the workspace and the crates it may name.
#[derive(Debug, Clone, Copy)]
struct Room {
    name: &'static str,
    /// What the program may need.
    needs: &'static [&'static str],
    /// What its own tests may need besides: a neighbour to stand in for a port, never the binary above.
    tests_need: &'static [&'static str],
}

const ROOMS: [Room; 7] = [
    Room { name: "domain", needs: &[], tests_need: &[] },
    Room { name: "engine", needs: &["domain"], tests_need: &[] },
    Room { name: "store", needs: &["domain", "engine"], tests_need: &[] },
    Room { name: "http", needs: &["domain", "engine"], tests_need: &["store", "outbound"] },
    Room { name: "simulator", needs: &[], tests_need: &[] },
    Room { name: "outbound", needs: &["domain", "engine"], tests_need: &["store", "simulator"] },
    Room {
        name: "cashwrap",
        needs: &["domain", "engine", "store", "http", "outbound", "simulator"],
        tests_need: &[],
    },
];

/// Crates that bring a clock, randomness or IO with them, which the domain takes as arguments instead.
const IMPURE: [&str; 8] = ["tokio", "chrono", "jiff", "time", "rand", "getrandom", "uuid", "reqwest"];

/// How many crates the workspace has.
pub const CRATES: usize = ROOMS.len();

/// Checks one manifest, given by its path (`crates/NAME/Cargo.toml`) and text.
pub fn check(path: &str, text: &str) -> Vec<Finding> {
    let finding = |what: String| Finding { path: path.into(), line: 1, what };
    let folder = path.split('/').nth(1).unwrap_or_default();
    let Some(room) = ROOMS.iter().find(|r| r.name == folder) else {
        return vec![finding(format!("the crate {folder} has no place in the direction of dependency"))];
    };
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![finding(format!("not a manifest: {error}"))],
    };
    let mut found = Vec::new();
    for (section, name) in dependencies(&manifest) {
        let Some(other) = workspace_crate(&name) else {
            if room.name == "domain" && section != "dev-dependencies" && IMPURE.contains(&name.as_str()) {
                found.push(finding(format!("the domain is pure and may not need {name}")));
            }
            continue;
        };
        let for_tests = section == "dev-dependencies" && room.tests_need.contains(&other);
        if !room.needs.contains(&other) && !for_tests {
            found.push(finding(format!("{} may not need {other} ({section})", room.name)));
        }
    }
    found
}

/// Every (section, package) of a manifest, those for one target included.
fn dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let targets = manifest.get("target").and_then(|t| t.as_table()).into_iter().flat_map(|t| t.values());
    let tables = std::iter::once(manifest).chain(targets.filter_map(|t| t.as_table()));
    let mut found = Vec::new();
    for table in tables {
        for section in SECTIONS {
            for (key, value) in table.get(section).and_then(|s| s.as_table()).into_iter().flatten() {
                let package = value.get("package").and_then(|p| p.as_str()).unwrap_or(key);
                found.push((section, package.to_owned()));
            }
        }
    }
    found
}

/// The room that a dependency names, by its key in the workspace or by its package.
fn workspace_crate(name: &str) -> Option<&'static str> {
    let short = name.strip_prefix("cashwrap-").unwrap_or(name);
    let short = if short == "http_api" { "http" } else { short };
    // `http` alone is a crate of the registry; ours goes by `http_api` or `cashwrap-http`.
    ROOMS.iter().map(|r| r.name).find(|r| *r == short && name != "http")
}

#[cfg(test)]
mod tests {
    fn check(room: &str, manifest: &str, expected: usize) {
        let found = super::check(&format!("crates/{room}/Cargo.toml"), manifest);
        assert_eq!(found.len(), expected, "{room}: {manifest}: {found:?}");
    }

    #[test]
    fn arrows_that_point_up_or_sideways_are_found() {
        check("domain", "[dependencies]\nengine.workspace = true", 1);
        check("engine", "[dependencies]\ncashwrap-store = { path = \"../store\" }", 1);
        check("store", "[target.'cfg(unix)'.dependencies]\nhttp_api.workspace = true", 1);
        check("http", "[dependencies]\ns = { path = \"../store\", package = \"cashwrap-store\" }", 1);
        check("outbound", "[build-dependencies]\nhttp_api = { path = \"../http\" }", 1);
        check("http", "[dev-dependencies]\ncashwrap.workspace = true", 1);
        check("simulator", "[dependencies]\ndomain.workspace = true", 1);
        check("outbound", "[dependencies]\nsimulator.workspace = true", 1);
    }

    #[test]
    fn arrows_that_point_down_are_fine() {
        check("http", "[dependencies]\nengine.workspace = true\nhttp = \"1\"", 0);
        check("http", "[dev-dependencies]\nstore.workspace = true", 0);
        check("cashwrap", "[dependencies]\nstore.workspace = true\nhttp_api.workspace = true", 0);
    }

    #[test]
    fn the_domain_takes_no_clock_and_a_new_crate_needs_a_place() {
        check("domain", "[dependencies]\ntokio = \"1\"\nrand = { version = \"0.9\" }", 2);
        check("domain", "[dev-dependencies]\nproptest = \"1\"", 0);
        check("attic", "", 1);
        check("domain", "[dependencies", 1);
    }
}
