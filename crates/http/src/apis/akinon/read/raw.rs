//! The payment system's own words, made fit to be kept.
//!
//! They are anything: JSON, a form, a sentence. Card numbers are starred out wherever they stand; if it is JSON, security
//! codes are too. What is longer than the bound is cut.

use crate::kit::{Limits, RawRequest, Value, card_guard, parse};
use bytes::Bytes;
use domain::card_number::mask;

/// Bytes that are kept.
const BYTES: usize = 64 * 1024;

/// The words to keep.
pub fn fit_to_keep(words: &str) -> String {
    let masked = as_json(words).unwrap_or_else(|| mask(words));
    // Once more over the whole: a number may be spread over what is one text.
    let mut masked = mask(&masked);
    if masked.len() > BYTES {
        let cut = (0..=BYTES).rev().find(|at| masked.is_char_boundary(*at)).unwrap_or(0);
        masked.truncate(cut);
    }
    masked
}

fn as_json(words: &str) -> Option<String> {
    if !words.trim_start().starts_with('{') {
        return None;
    }
    let request = RawRequest {
        method: "POST",
        content_type: Some("application/json"),
        body: Bytes::copy_from_slice(words.as_bytes()),
        ..RawRequest::default()
    };
    let limits = Limits { text_bytes: Limits::STANDARD.body_bytes, ..Limits::STANDARD };
    let params = parse(request, &limits).ok()?;
    let mut tree = Value::Map(params.root().clone());
    let before = tree.clone();
    card_guard::mask_value(&mut tree);
    // What holds nothing stays as it was written.
    (tree != before).then(|| tree.to_json().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "4111111111111111";

    #[test]
    fn no_card_data_is_kept() {
        for words in [
            format!("card={CARD}&ok=1"),
            format!("{{\"pan\":\"{CARD}\",\"n\":{CARD}}}"),
            "{\"deep\":{\"list\":[\"4111 1111 1111 1111\"]},\"cvv\":\"123\"}".to_owned(),
            format!("{{\"broken\":\"{CARD}\""),
        ] {
            let kept = fit_to_keep(&words);
            assert!(!kept.contains(CARD) && !kept.contains("1111 1111 1111 1111"), "{kept}");
            assert!(!kept.contains("123\""), "{kept}");
        }
    }

    #[test]
    fn harmless_words_stay_as_they_are_and_long_ones_are_cut() {
        for words in ["{\"Response\": \"Approved\",  \"a\": 1.50}", "Onaylandı", ""] {
            assert_eq!(fit_to_keep(words), words);
        }
        let long = "ü".repeat(BYTES);
        let kept = fit_to_keep(&long);
        assert!(kept.len() <= BYTES && kept.len() > BYTES - 4);
    }
}
