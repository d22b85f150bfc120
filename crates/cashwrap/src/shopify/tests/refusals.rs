//! What is refused, where, and with which words.

use super::super::limits;
use super::{Problem, errors, fatal, sorted};

const HEADER: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price";

/// Errors of rows under the short header; the first of them is line 2.
fn check(rows: &str, expected: &[(u64, &str, Problem)]) {
    let expected: Vec<_> =
        expected.iter().map(|(line, column, p)| (*line, (*column).to_owned(), p.clone())).collect();
    assert_eq!(errors(format!("{HEADER}\n{rows}")), expected, "{rows}");
}

#[test]
fn missing_handle_title_and_price() {
    check(",Mug,,,,,,5\n", &[(2, "Handle", Problem::MissingHandle)]);
    check("mug,,,,,,,5\n", &[(2, "Title", Problem::MissingTitle)]);
    check("mug,Mug,Size,S,M,,,\n", &[(2, "Variant Price", Problem::MissingPrice)]);
    check("mug,Mug,,,,,,\n", &[(2, "Variant Price", Problem::MissingVariant)]);
}

#[test]
fn a_row_without_handle_and_title_spoils_the_product_above_it() {
    let rows = "mug,Mug,Size,S,,,,5\n,,,L,,,,6\n";
    check(rows, &[(3, "Handle", Problem::MissingHandle)]);
    assert_eq!(sorted(format!("{HEADER}\n{rows}")).0, Vec::<String>::new());
}

#[test]
fn rows_without_handle_but_with_titles_are_products_of_their_own() {
    let (good, faulty) =
        sorted(format!("{HEADER}\nmug,Mug,,,,,,5\n,Cup,,,,,,5\n,Jug,,,,,,5\npot,Pot,,,,,,5\n"));
    assert_eq!((good, faulty.len()), (vec!["mug".to_owned(), "pot".to_owned()], 2));
}

#[test]
fn bad_price_texts() {
    for bad in [
        "1e3", "-1", "+1", "NaN", "inf", "1,000", "1 000", "1.", ".5", "1.2.3", "€5", "0x10", "１", "1_0",
        "free", "--",
    ] {
        let rows = format!("mug,Mug,,,,,,\"{bad}\"\n");
        check(&rows, &[(2, "Variant Price", Problem::BadPrice { found: bad.into(), decimals: 2 })]);
    }
    for bad in ["1.000", "0.001", "1.990"] {
        let rows = format!("mug,Mug,,,,,,{bad}\n");
        check(&rows, &[(2, "Variant Price", Problem::TooManyDecimals { found: bad.into(), decimals: 2 })]);
    }
    for bad in ["1000000000000.01", "92233720368547758.08", "99999999999999999999"] {
        let rows = format!("mug,Mug,,,,,,{bad}\n");
        check(&rows, &[(2, "Variant Price", Problem::PriceTooLarge { found: bad.into() })]);
    }
}

#[test]
fn bad_quantities() {
    for bad in ["1.5", "1e2", "many", "+4", "1,000", "-", "1000000001", "99999999999999999999"] {
        let rows = format!("mug,Mug,,,,,\"{bad}\",5\n");
        check(&rows, &[(2, "Variant Inventory Qty", Problem::BadQuantity { found: bad.into() })]);
    }
    check("mug,Mug,,,,shopify,-1,5\n", &[(2, "Variant Inventory Qty", Problem::NegativeStock { found: -1 })]);
    assert_eq!(
        sorted(format!("{HEADER}\nmug,Mug,,,,,-1,5\n")).0,
        ["mug"],
        "an untracked stock may be anything"
    );
}

#[test]
fn a_sku_is_used_once_in_the_file_whatever_its_letter_case() {
    check(
        "mug,Mug,,,ab-1,,,5\njug,Jug,Size,S,AB-1 ,,,5\njug,,,L,J,,,5\npot,Pot,,,J,,,5\n",
        &[
            (3, "Variant SKU", Problem::DuplicateSku { sku: "AB-1".into(), first_line: 2 }),
            (5, "Variant SKU", Problem::DuplicateSku { sku: "J".into(), first_line: 4 }),
        ],
    );
}

#[test]
fn options_differ_between_variants() {
    check(
        "mug,Mug,Size,S,A,,,5\nmug,,,L,B,,,5\nmug,,,S ,C,,,5\n",
        &[(4, "", Problem::DuplicateOptions { first_line: 2 })],
    );
    check("mug,Mug,,,A,,,5\nmug,,,,B,,,5\n", &[(3, "", Problem::DuplicateOptions { first_line: 2 })]);
}

#[test]
fn options_have_names_and_values() {
    check("mug,Mug,Size,S,A,,,5\nmug,,,,B,,,5\n", &[(3, "Option1 Value", Problem::MissingOptionValue)]);
    check("mug,Mug,,S,A,,,5\n", &[(2, "Option1 Name", Problem::MissingOptionName)]);
    let file = "Handle,Title,Option2 Name,Option2 Value,Variant Price\nmug,Mug,Size,S,5\n";
    assert_eq!(errors(file), [(2, "Option1 Name".into(), Problem::MissingOptionName)]);
}

#[test]
fn a_handle_does_not_come_back_later() {
    let (good, faulty) = sorted(format!("{HEADER}\nmug,Mug,,,A,,,5\ncup,Cup,,,B,,,5\nMUG,Mug,,,C,,,5\n"));
    assert_eq!(good, ["mug", "cup"]);
    assert_eq!((faulty[0].handle.as_str(), faulty[0].line), ("MUG", 4));
    assert_eq!(faulty[0].errors[0].problem, Problem::HandleReappears { first_line: 2 });
}

#[test]
fn rows_of_a_product_do_not_contradict_each_other() {
    check(
        "mug,Mug,Size,S,A,,,5\nmug,Jug,Weight,L,B,,,5\n",
        &[
            (3, "Title", Problem::Contradiction { found: "Jug".into() }),
            (3, "Option1 Name", Problem::Contradiction { found: "Weight".into() }),
        ],
    );
}

#[test]
fn a_row_of_neither_variant_nor_image_is_refused() {
    check("mug,Mug,,,A,,,5\nmug,,,,,,,\n", &[(3, "", Problem::NothingInRow)]);
}

#[test]
fn texts_have_bounds_counted_in_characters() {
    let long = "ß".repeat(limits::LINE + 1);
    let too_long = Problem::TextTooLong { limit: limits::LINE, found: limits::LINE + 1 };
    check(&format!("mug,{long},,,,,,5\n"), &[(2, "Title", too_long)]);
    check(&format!("mug,{},,,,,,5\n", "ß".repeat(limits::LINE)), &[]);
    let sku = Problem::TextTooLong { limit: limits::CODE, found: limits::CODE + 1 };
    check(&format!("mug,Mug,,,{},,,5\n", "x".repeat(limits::CODE + 1)), &[(2, "Variant SKU", sku)]);
    let body =
        format!("Handle,Title,Body (HTML),Variant Price\nmug,Mug,{},5\n", "x".repeat(limits::BODY + 1));
    let too_long = Problem::TextTooLong { limit: limits::BODY, found: limits::BODY + 1 };
    assert_eq!(errors(body), [(2, "Body (HTML)".into(), too_long)]);
}

#[test]
fn control_characters_are_refused_and_other_scripts_are_not() {
    check("mug,M\0ug,,,,,,5\n", &[(2, "Title", Problem::ControlCharacter { code: 0 })]);
    check("mug,\"M\nug\",,,,,,5\n", &[(2, "Title", Problem::ControlCharacter { code: 10 })]);
    check("mug,M\u{202e}ug,,,,,,5\n", &[(2, "Title", Problem::ControlCharacter { code: 0x202e })]);
    check("mug,Mug,,,A\u{200b}B,,,5\n", &[(2, "Variant SKU", Problem::ControlCharacter { code: 0x200b })]);
    check("mug,كوب قهوة 杯子 👩\u{200d}🍳,,,,,,5\n", &[]);
    let body = "Handle,Title,Body (HTML),Variant Price\nmug,Mug,\"a\tb\nc\u{7}\",5\n";
    assert_eq!(errors(body), [(2, "Body (HTML)".into(), Problem::ControlCharacter { code: 7 })]);
}

#[test]
fn other_encodings_are_refused_row_by_row() {
    let file = [HEADER.as_bytes(), b"\nmug,M\xfcg,,,,,,5\ncup,Cup,,,,,,5\n\xff,Pot,,,,,,5\n"].concat();
    assert_eq!(
        errors(&file),
        [(2, "Title".into(), Problem::InvalidUtf8), (4, "Handle".into(), Problem::InvalidUtf8)]
    );
    assert_eq!(sorted(&file).0, ["cup"]);
}

#[test]
fn a_row_with_too_few_or_too_many_fields_is_refused() {
    check("mug,Mug,,,,,5\n", &[(2, "", Problem::WrongFieldCount { expected: 8, found: 7 })]);
    check(
        "mug,Mug, large,,,,,,5\nmug,,,,,,,6\n",
        &[(2, "", Problem::WrongFieldCount { expected: 8, found: 9 })],
    );
}

#[test]
fn all_errors_of_a_product_are_told_and_its_neighbours_are_read() {
    let (good, faulty) = sorted(format!(
        "{HEADER}\ncup,Cup,,,C,,,1\nmug,,Size,S,M,,x,1e3\nmug,,,L,C,,,5\nmug,,,S\njug,Jug,,,J,,,2\n"
    ));
    assert_eq!(good, ["cup", "jug"]);
    assert_eq!(faulty.len(), 1);
    let told: Vec<_> = faulty[0].errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 3, column \"Title\": expected a title on the product's first row, the cell is empty",
            "line 3, column \"Variant Price\": expected an amount such as 12.05, found \"1e3\"",
            "line 3, column \"Variant Inventory Qty\": expected a whole number between -1000000000 and 1000000000, found \"x\"",
            "line 4, column \"Variant SKU\": expected a SKU used once in the file, \"C\" is already on line 2",
            "line 5: expected 8 fields as in the header, found 4",
        ]
    );
    assert_eq!(faulty[0].to_string(), "product \"mug\" (line 3) has 5 error(s)");
}

#[test]
fn values_outside_their_lists_and_addresses_that_could_run_code() {
    let header = "Handle,Title,Variant Price,Published,Status,Variant Inventory Policy,Variant Weight Unit,Variant Grams,Image Src,Image Position";
    let found = errors(format!("{header}\nmug,Mug,5,maybe,gone,perhaps,stone,-1,javascript:alert(1),0\n"));
    let columns: Vec<_> = found.iter().map(|(_, column, _)| column.as_str()).collect();
    assert_eq!(
        columns,
        [
            "Published",
            "Status",
            "Image Src",
            "Image Position",
            "Variant Inventory Policy",
            "Variant Grams",
            "Variant Weight Unit",
        ]
    );
    assert_eq!(found[2].2, Problem::BadAddress { found: "javascript:alert(1)".into() });
}

#[test]
fn what_an_error_quotes_is_short_and_safe_to_print() {
    let bad = format!("\u{1b}[31m{}", "9".repeat(500));
    let (_, column, problem) = errors(format!("{HEADER}\nmug,Mug,,,,,,{bad}\n")).remove(0);
    assert_eq!(column, "Variant Price");
    let told = problem.to_string();
    assert!(told.len() < 200 && !told.contains('\u{1b}') && told.contains("\\u{1b}[31m"), "{told}");
}

#[test]
fn a_quote_that_is_never_closed_is_fatal() {
    let message = fatal(format!("{HEADER}\nmug,Mug,,,,,,5\ncup,\"Cup,,,,,,6\njug,Jug,,,,,,7\n"));
    assert!(message.contains("line 3"), "{message}");
}

#[test]
fn a_file_cut_short_in_compression_is_fatal() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(format!("{HEADER}\nmug,Mug,,,,,,5\n").as_bytes()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() - 9);
    assert!(fatal(bytes).contains("cannot be read"));
}
