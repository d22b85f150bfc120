//! Column names: order, letter case, both generations, and what is fatal about a header.

use super::{fatal, product, products};

#[test]
fn columns_come_in_any_order_and_letter_case() {
    let cup = product("variant price , TITLE,hAnDlE\n3.50,Cup,cup\n");
    assert_eq!((cup.handle.as_str(), cup.title.as_str(), cup.variants[0].price_minor), ("cup", "Cup", 350));
}

#[test]
fn newer_column_names_mean_the_same() {
    let classic = product(
        "Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,\
         Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Requires Shipping,\
         Variant Taxable,Variant Barcode,Image Src,Variant Image,Variant Weight Unit\n\
         cup,Cup,<b>x</b>,false,Size,L,C-1,250,shopify,7,continue,3.50,4.00,false,false,401,https://x.test/a.png,https://x.test/b.png,kg\n",
    );
    let newer = product(
        "Title,URL handle,Description,Published on online store,Option1 name,Option1 value,Option1 Linked To,SKU,\
         Weight value (grams),Inventory tracker,Inventory quantity,Continue selling when out of stock,Price,Compare-at price,\
         Requires shipping,Charge tax,Barcode,Product image URL,Variant image URL,Weight unit for display\n\
         Cup,cup,<b>x</b>,FALSE,Size,L,,C-1,250,shopify,7,CONTINUE,3.50,4.00,FALSE,FALSE,401,https://x.test/a.png,https://x.test/b.png,kg\n",
    );
    assert!(!classic.published && !classic.variants[0].taxable && classic.images.len() == 1);
    assert_eq!(classic, newer);
}

#[test]
fn unknown_columns_are_ignored() {
    let cup = product(
        "Handle,Google Shopping / MPN,Title,Price / International,Variant Price\ncup,\u{1},Cup,99,1.00\n",
    );
    assert_eq!(cup.variants[0].price_minor, 100);
}

#[test]
fn a_missing_required_column_is_fatal_and_all_are_named() {
    let message = fatal("Title,Vendor\nCup,Us\n");
    assert!(message.contains("Handle, Variant Price"), "{message}");
    assert!(!message.contains("Title"), "{message}");
}

#[test]
fn two_columns_of_one_meaning_are_fatal() {
    let message = fatal("Handle,Title,Variant Price,Price\ncup,Cup,1,2\n");
    assert!(message.contains("\"Variant Price\" and \"Price\""), "{message}");
}

#[test]
fn an_empty_file_and_utf16_are_fatal() {
    assert!(fatal("").contains("empty"));
    assert!(fatal("\u{feff}\r\n\r\n").contains("empty"));
    assert!(fatal(b"\xff\xfeH\0a\0").contains("UTF-16"));
}

#[test]
fn a_header_alone_is_an_empty_shop() {
    assert_eq!(products("Handle,Title,Variant Price\n"), []);
    assert_eq!(products("Handle,Title,Variant Price"), []);
}
