//! What true exports contain and the reader must survive.

use super::super::{InventoryPolicy, ShopStatus, WeightUnit};
use super::{product, products};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const HEADER: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,Image Position,Image Alt Text";

fn with_header(rows: &str) -> String {
    format!("{HEADER}\n{rows}")
}

#[test]
fn continuation_rows_have_an_empty_title() {
    let file = with_header(
        "mug,Mug,Colour,Red,M-R,5.00,,,\n\
         mug,,,Blue,M-B,6.00,,,\n\
         cup,Cup,Title,Default Title,C,1.00,,,\n",
    );
    let all = products(file);
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].title.as_str(), all[0].line), ("Mug", 2));
    assert_eq!(all[0].option_names, ["Colour"]);
    let variants: Vec<_> = all[0]
        .variants
        .iter()
        .map(|v| (v.line, v.sku.as_deref(), v.option_values.join("/"), v.price_minor))
        .collect();
    assert_eq!(variants, [(2, Some("M-R"), "Red".into(), 500), (3, Some("M-B"), "Blue".into(), 600)]);
    assert_eq!((all[1].line, all[1].option_names.as_slice()), (4, ["Title".to_owned()].as_slice()));
}

#[test]
fn rows_with_only_an_image_make_no_variant() {
    let mug = product(with_header(
        "mug,Mug,Title,Default Title,M,5.00,https://x.test/b.png,2,Back\n\
         mug,,,,,,https://x.test/a.png,1,Front \n\
         mug,,,,,,https://x.test/c.png,,\n\
         mug,,,,,,https://x.test/a.png,4,again\n",
    ));
    assert_eq!(mug.variants.len(), 1);
    let images: Vec<_> = mug.images.iter().map(|i| (i.src.as_str(), i.position, i.alt.as_deref())).collect();
    assert_eq!(
        images,
        [
            ("https://x.test/a.png", Some(1), Some("Front")),
            ("https://x.test/b.png", Some(2), Some("Back")),
            ("https://x.test/c.png", None, None),
        ]
    );
}

#[test]
fn an_image_row_may_repeat_cells_that_describe_no_variant() {
    let mug = product(
        "Handle,Title,Variant Price,Variant Grams,Variant Inventory Policy,Variant Taxable,Image Src,Status\n\
         mug,Mug,5.00,0,deny,true,https://x.test/a.png,active\n\
         mug,,,0.0,deny,true,https://x.test/b.png,active\n",
    );
    assert_eq!((mug.variants.len(), mug.images.len()), (1, 2));
}

#[test]
fn byte_order_mark_crlf_and_missing_last_line_end() {
    let plain = "\"Handle\",Title,Variant Price\r\n\r\nmug,Mug,5\r\ncup,Cup,6";
    let all = products(format!("\u{feff}{plain}"));
    assert_eq!(all, products(plain));
    assert_eq!(all.iter().map(|p| (p.handle.as_str(), p.line)).collect::<Vec<_>>(), [("mug", 3), ("cup", 4)]);
}

#[test]
fn old_line_ends_and_blank_rows_keep_the_line_numbers_right() {
    let all = products("Handle,Title,Variant Price\rmug,Mug,5\r\r,,\rcup,Cup,6\r");
    assert_eq!(all.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn a_quoted_text_of_several_lines_keeps_the_line_numbers_right() {
    let all = products("Handle,Title,Body (HTML),Variant Price\nmug,Mug,\"a\r\nb\nc\",5\ncup,Cup,,6\n");
    assert_eq!(all.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn texts_are_trimmed_but_the_body_is_verbatim() {
    let body = "  <p class=\"x\">Zo\u{eb} 💛</p>\r\n\t<script>alert(1)</script> ";
    let quoted = body.replace('"', "\"\"");
    let mug = product(format!(
        "Handle,Title,Body (HTML),Vendor,Tags,Variant SKU,Variant Price\n mug , Mug\t,\"{quoted}\",Us  ,\"a, b ,a,,\", M-1 , 5.00 \n"
    ));
    assert_eq!(mug.body_html, body);
    assert_eq!((mug.handle.as_str(), mug.title.as_str(), mug.vendor.as_deref()), ("mug", "Mug", Some("Us")));
    assert_eq!(mug.tags, ["a", "b"]);
    assert_eq!((mug.variants[0].sku.as_deref(), mug.variants[0].price_minor), (Some("M-1"), 500));
}

#[test]
fn booleans_in_any_letter_case_and_blank_cells_have_shopifys_meaning() {
    let header = "Handle,Title,Published,Gift Card,Status,Variant Price,Variant Requires Shipping,Variant Taxable,\
                  Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Grams,Variant Weight Unit";
    let all = products(format!(
        "{header}\na,A,false,TRUE,Draft,1,False,false,shopify,-3,Continue,453.592,lb\nb,B,,,,1,,,,,,,\n"
    ));
    let (a, b) = (&all[0], &all[1]);
    assert_eq!((a.published, a.gift_card, a.status), (false, true, ShopStatus::Draft));
    assert_eq!((b.published, b.gift_card, b.status), (true, false, ShopStatus::Active));
    let (a, b) = (&a.variants[0], &b.variants[0]);
    assert_eq!(
        (a.requires_shipping, a.taxable, a.inventory_tracked, a.inventory_qty),
        (false, false, true, -3)
    );
    assert_eq!(
        (b.requires_shipping, b.taxable, b.inventory_tracked, b.inventory_qty),
        (true, true, false, 0)
    );
    assert_eq!((a.inventory_policy, b.inventory_policy), (InventoryPolicy::Continue, InventoryPolicy::Deny));
    assert_eq!((a.grams, a.weight_unit, b.grams, b.weight_unit), (454, Some(WeightUnit::Pound), 0, None));
}

#[test]
fn codes_lose_the_apostrophe_that_protects_them_from_spreadsheets() {
    let mug = product("Handle,Title,Variant SKU,Variant Price,Variant Barcode\nmug,Mug,'tis,5,'0401234\n");
    let variant = &mug.variants[0];
    assert_eq!((variant.sku.as_deref(), variant.barcode.as_deref()), (Some("'tis"), Some("0401234")));
}

#[test]
fn variants_without_sku_are_not_duplicates_of_each_other() {
    let mug = product(with_header("mug,Mug,Size,S,,5,,,\nmug,,Size,L,,5,,,\n"));
    assert_eq!(mug.variants.iter().filter(|v| v.sku.is_none()).count(), 2);
}

#[test]
fn three_options_in_order() {
    let mug = product(
        "Handle,Title,Option2 Name,Option2 Value,Option1 Name,Option1 Value,Option3 Name,Option3 Value,Variant Price\n\
         mug,Mug,Size,L,Colour,Red,Set,6,5\n\
         mug,Mug,,L,,Red,,12,9\n",
    );
    assert_eq!(mug.option_names, ["Colour", "Size", "Set"]);
    assert_eq!(mug.variants[1].option_values, ["Red", "L", "12"]);
}

#[test]
fn gzip_is_recognised_by_its_first_bytes() {
    let plain = with_header("mug,Mug,,,M,5.00,,,\n");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(plain.as_bytes()).unwrap();
    assert_eq!(products(gzip.finish().unwrap()), products(plain));
}

#[test]
fn a_last_row_of_any_length_needs_no_line_end() {
    // Around the sizes at which the reader's buffers are full and have to grow.
    for length in (4_080..4_100).chain(8_180..8_200) {
        let body = "x".repeat(length);
        let mug = product(format!("Handle,Title,Variant Price,Body (HTML)\nmug,Mug,5,{body}"));
        assert_eq!(mug.body_html.len(), length);
    }
}
