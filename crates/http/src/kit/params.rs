//! The parameter tree: what a request said, whatever its encoding.
//!
//! Path parameters, body and query are one tree, in that precedence. Rails' wrapping of flat JSON bodies is here
//! too, because it needs to know what came from where.
//!
//! Nothing here decides what is required or permitted, and `Debug` shows key names only, because a request may
//! hold tokens.

use std::fmt;

use bytes::Bytes;

use super::value::{Map, Value, merge_maps};

/// A file from a multipart body. Its bytes are shared, not copied.
#[derive(Clone, PartialEq)]
pub struct UploadedFile {
    /// Name of the form field, with its brackets.
    pub field: String,
    /// The name the caller's machine gave it: never to be used as a path.
    pub file_name: String,
    /// As claimed by the caller.
    pub content_type: Option<String>,
    /// Contents.
    pub bytes: Bytes,
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedFile").field("field", &self.field).field("bytes", &self.bytes.len()).finish()
    }
}

/// All parameters of one request: path over body over query.
#[derive(Clone, Default, PartialEq)]
pub struct Params {
    root: Map,
    /// Top-level keys of a JSON body; `None` if the body was something else.
    json_keys: Option<Vec<String>>,
    files: Vec<UploadedFile>,
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params").field("keys", &self.keys().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl Params {
    /// A tree from a map, for tests and for requests that are made up inside the server.
    pub fn from_map(root: Map) -> Self {
        Params { root, ..Params::default() }
    }

    /// The merged tree of one request; `json` says that the body was a JSON object.
    pub(super) fn assemble(path: Map, body: Map, query: Map, json: bool, files: Vec<UploadedFile>) -> Self {
        let json_keys = json.then(|| body.keys().cloned().collect());
        let mut root = path;
        merge_maps(&mut root, body);
        merge_maps(&mut root, query);
        Params { root, json_keys, files }
    }

    /// The top-level parameter `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.root.get(key)
    }

    /// Walks down from the root: `path(&["order", "email"])`.
    pub fn path(&self, steps: &[&str]) -> Option<&Value> {
        let (first, rest) = steps.split_first()?;
        self.root.get(*first)?.path(rest)
    }

    /// [`Value::text`] of a top-level parameter.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Names of the top-level parameters.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.root.keys().map(String::as_str)
    }

    /// The whole tree.
    pub fn root(&self) -> &Map {
        &self.root
    }

    /// Files of a multipart body, in the order they came.
    pub fn files(&self) -> &[UploadedFile] {
        &self.files
    }

    /// Sets a top-level parameter, over whatever was there.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        self.root.insert(key.into(), value);
    }

    /// Puts another tree over this one: where both speak, and not both with maps, `upper` counts.
    pub fn overlay(&mut self, upper: Params) {
        let lower = std::mem::replace(&mut self.root, upper.root);
        merge_maps(&mut self.root, lower);
    }

    /// Takes a value out of the tree, to drop it unread or to keep it from being stored with the rest.
    pub fn take(&mut self, steps: &[&str]) -> Option<Value> {
        let (last, parents) = steps.split_last()?;
        let mut map = &mut self.root;
        for step in parents {
            map = match map.get_mut(*step)? {
                Value::Map(inner) => inner,
                _ => return None,
            };
        }
        map.shift_remove(*last)
    }

    /// Rails' "wrap parameters": if the body was a JSON object and nothing is called `root`, the body's top-level
    /// keys that are known attributes, or their `…_attributes`, are also offered under `root`. Says whether it did.
    pub fn wrap(&mut self, root: &str, known_attributes: &[&str]) -> bool {
        let Some(keys) = &self.json_keys else { return false };
        if self.root.contains_key(root) {
            return false;
        }
        let known = |key: &str| {
            known_attributes.contains(&key.strip_suffix("_attributes").unwrap_or(key))
                || known_attributes.contains(&key)
        };
        let wrapped: Map = keys
            .iter()
            .filter(|key| known(key))
            .filter_map(|key| Some((key.clone(), self.root.get(key)?.clone())))
            .collect();
        if wrapped.is_empty() {
            return false;
        }
        self.root.insert(root.to_owned(), Value::Map(wrapped));
        true
    }

    /// The whole tree as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Object(self.root.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    #[test]
    fn path_wins_over_body_over_query() {
        let source = |name: &str| {
            map(&[(name, Value::from("only")), ("shared", Value::from(name))]).map().cloned().unwrap()
        };
        let nest = |name: &str| map(&[("deep", Value::Map(source(name)))]).map().cloned().unwrap();
        let params = Params::assemble(nest("path"), nest("body"), nest("query"), false, vec![]);
        let deep = params.get("deep").unwrap();
        assert_eq!(deep.get("shared").and_then(Value::text), Some("path"));
        for name in ["path", "body", "query"] {
            assert_eq!(params.path(&["deep", name]).and_then(Value::text), Some("only"));
        }
        let clash = Params::assemble(source("path"), nest("body"), Map::default(), false, vec![]);
        assert_eq!(clash.text("shared"), Some("path"));
    }

    #[test]
    fn an_overlay_counts_and_keeps_what_it_does_not_name() {
        let tree = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(key, text)| (*key, Value::from(*text))).collect();
            Params::from_map(map(&pairs).map().cloned().unwrap())
        };
        let mut params = tree(&[("a", "1"), ("b", "1")]);
        params.overlay(tree(&[("b", "2"), ("c", "2")]));
        assert_eq!((params.text("a"), params.text("b"), params.text("c")), (Some("1"), Some("2"), Some("2")));
    }

    #[test]
    fn a_conflict_of_shapes_keeps_the_upper() {
        let upper = map(&[("a", Value::from("1"))]).map().cloned().unwrap();
        let lower = map(&[("a", map(&[("b", Value::from("2"))]))]).map().cloned().unwrap();
        assert_eq!(Params::assemble(upper, lower, Map::default(), false, vec![]).text("a"), Some("1"));
    }

    #[test]
    fn wrapping_needs_json_and_an_absent_root() {
        let body = || {
            map(&[
                ("email", Value::from("a@b.c")),
                ("line_items_attributes", Value::Null),
                ("x", Value::Null),
            ])
            .map()
            .cloned()
            .unwrap()
        };
        let query = map(&[("note", Value::from("q"))]).map().cloned().unwrap();
        let known = ["email", "line_items", "note"];

        let mut json = Params::assemble(Map::default(), body(), query, true, vec![]);
        assert!(json.wrap("order", &known));
        let order = json.get("order").and_then(Value::map).unwrap();
        assert_eq!(order.keys().collect::<Vec<_>>(), ["email", "line_items_attributes"]);
        assert_eq!(json.text("email"), Some("a@b.c"), "the flat keys stay");
        assert!(!json.wrap("order", &known), "the root is there now");
        assert!(!json.wrap("product", &["name"]), "nothing to wrap");

        let mut form = Params::assemble(Map::default(), body(), Map::default(), false, vec![]);
        assert!(!form.wrap("order", &known));
    }

    #[test]
    fn take_removes_and_debug_hides() {
        let mut params = Params::from_map(
            map(&[("payment", map(&[("cvv", Value::from("737")), ("name", Value::from("Ada"))]))])
                .map()
                .cloned()
                .unwrap(),
        );
        assert_eq!(params.take(&["payment", "cvv"]), Some(Value::from("737")));
        assert_eq!(params.path(&["payment", "cvv"]), None);
        assert_eq!(params.take(&["payment", "name", "x"]), None);
        assert!(!format!("{params:?}").contains("Ada"));
    }
}
