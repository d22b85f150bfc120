//! Words that have no business in a public repository: paths of the machine on which it was written.
//!
//! The patterns are put together from halves, so that this file does not hold what it looks for. `.ci/` is the one place
//! that may name a folder beside the checkout.

use crate::Finding;
use crate::repo::TextFile;

/// The patterns and why each is wrong.
fn patterns() -> Vec<(String, &'static str)> {
    let beside = ["contracts", "conformance", "design", "data", "sources", "hooks"];
    let mut all = vec![
        (["/wo", "rk/"].concat(), "a path of one machine"),
        (["/tm", "p/h/"].concat(), "a path of one machine"),
        (["../sha", "red"].concat(), "a folder outside the repository"),
        (["arti", "factory"].concat(), "a mirror of one network"),
    ];
    all.extend(beside.map(|b| (["sha", "red/", b].concat(), "a folder outside the repository")));
    all
}

/// Looks for the patterns in one file.
pub fn check(file: &TextFile) -> Vec<Finding> {
    if file.path.starts_with(".ci/") {
        return Vec::new();
    }
    let patterns = patterns();
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        if let Some((pattern, why)) = patterns.iter().find(|(p, _)| line.contains(p.as_str())) {
            found.push(Finding {
                path: file.path.clone(),
                line: number + 1,
                what: format!("{pattern}: {why}"),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_at(path: &str, text: &str) -> usize {
        check(&TextFile { path: path.into(), text: text.into() }).len()
    }

    #[test]
    fn every_pattern_is_found() {
        for (pattern, _) in patterns() {
            assert_eq!(check_at("README.md", &format!("fine\nsee {pattern}x")), 1, "{pattern}");
        }
    }

    #[test]
    fn ordinary_words_pass_and_ci_may_name_its_neighbours() {
        assert_eq!(check_at("README.md", "shared work, network/route, workflow/step, the shared folder"), 0);
        assert_eq!(check_at(".ci/run", &patterns()[2].0), 0);
    }
}
