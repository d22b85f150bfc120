//! The house rules, checked over the repository's own tree.
//!
//! Each test is one rule and lists every breach with its place. The rules themselves, and the samples that show each of
//! them failing, are in this package's library; a walk that finds too little fails as well.

use cashwrap_tests::repo::{Source, TextFile, root, sources, text_files};
use cashwrap_tests::{Finding, arrows, rules, words};
use std::collections::BTreeSet;

fn files() -> Vec<TextFile> {
    let files = text_files(&root()).expect("the repository can be read");
    assert!(files.iter().any(|f| f.path == "Cargo.toml"), "the walk starts at the repository's root");
    files
}

/// The sources of the crates and of the whole-system tests.
fn all_sources() -> Vec<Source> {
    let mut all = sources(&files());
    all.retain(|s| s.below("crates") || s.below("tests"));
    let crates: BTreeSet<&str> =
        all.iter().filter(|s| s.below("crates")).filter_map(|s| s.path.split('/').nth(1)).collect();
    assert_eq!(crates.len(), arrows::CRATES, "the walk sees every crate: {crates:?}");
    all
}

fn report(rule: &str, found: Vec<Finding>) {
    let list: Vec<String> = found.iter().map(Finding::to_string).collect();
    assert!(list.is_empty(), "{rule}:\n  {}\n", list.join("\n  "));
}

fn each(rule: &str, wanted: impl Fn(&Source) -> bool, check: fn(&Source) -> Vec<Finding>) {
    let all: Vec<Source> = all_sources().into_iter().filter(wanted).collect();
    assert!(!all.is_empty(), "{rule}: no source to check");
    report(rule, all.iter().flat_map(check).collect());
}

#[test]
fn every_file_opens_with_its_purpose() {
    each("a file opens with //!", |_| true, rules::opens_with_its_purpose);
}

#[test]
fn no_file_is_too_long() {
    each("a file is one idea", |_| true, rules::file_length);
}

#[test]
fn no_function_is_too_long() {
    each("a function fits a screen", |_| true, rules::function_length);
}

#[test]
fn nothing_is_left_undone() {
    each("no stubs, no tests switched off", |_| true, rules::no_stubs);
}

#[test]
fn nothing_unwraps_outside_tests() {
    each("no panics on input", |s| s.below("crates"), rules::no_unwrap);
}

#[test]
fn the_domain_knows_no_floats() {
    each("money is whole numbers", |s| s.below("crates/domain/src"), rules::no_floats);
}

#[test]
fn the_domain_is_pure() {
    each("time, entropy and ids are arguments", |s| s.below("crates/domain/src"), rules::is_pure);
}

#[test]
fn sql_lives_in_the_store() {
    each("SQL only in the store", |s| s.below("crates") && !s.below("crates/store"), rules::no_sql);
    let strays =
        files().into_iter().filter(|f| f.path.ends_with(".sql") && !f.path.starts_with("crates/store/"));
    let strays = strays.map(|f| Finding { path: f.path, line: 1, what: "an SQL file".into() });
    report("SQL only in the store", strays.collect());
}

#[test]
fn each_api_keeps_to_itself() {
    let all = all_sources();
    let below = |s: &Source| {
        s.path.strip_prefix(rules::APIS)?.strip_prefix('/')?.split_once('/').map(|p| p.0.to_owned())
    };
    // What a family of APIs shares is named by its members, and names none of them.
    let is_api = |name: &String| !name.ends_with("_family");
    let apis: Vec<String> =
        all.iter().filter_map(below).filter(is_api).collect::<BTreeSet<_>>().into_iter().collect();
    assert!(!apis.is_empty(), "no API folder in {}", rules::APIS);
    report(
        "an API names neither another API nor the store",
        all.iter().flat_map(|s| rules::api_keeps_to_itself(s, &apis)).collect(),
    );
}

#[test]
fn dependencies_point_one_way() {
    let files = files();
    let manifests: Vec<&TextFile> = files
        .iter()
        .filter(|f| {
            f.path.starts_with("crates/")
                && f.path.ends_with("/Cargo.toml")
                && f.path.matches('/').count() == 2
        })
        .collect();
    assert_eq!(manifests.len(), arrows::CRATES, "one manifest per crate");
    report(
        "the direction of dependency",
        manifests.iter().flat_map(|f| arrows::check(&f.path, &f.text)).collect(),
    );
}

#[test]
fn no_word_ties_the_repository_to_one_machine() {
    report("nothing outside the repository is named", files().iter().flat_map(words::check).collect());
}
