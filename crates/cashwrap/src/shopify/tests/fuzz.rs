//! Whatever the bytes, the reader answers; and what a careful writer writes is read back.

use super::super::{ReadError, read};
use super::{EURO, products, read_all};
use proptest::prelude::*;
use std::io::{self, Read};

const HEADER: &str = "Handle,Title,Body (HTML),Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Image Position,Status\n";

/// Gives a stream in pieces of one size, so that every boundary falls everywhere.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(buffer.len());
        self.0.read(&mut buffer[..size])
    }
}

fn told(file: &[u8], piece: usize) -> Vec<String> {
    read(Pieces(file, piece), EURO).map(|item| format!("{item:?}")).collect()
}

/// Rows of cells that are often nearly right.
fn nearly_csv() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        Just(String::new()),
        "[ab]",
        "-?[0-9]{1,3}(\\.[0-9]{0,3})?",
        "\"?[a-z,\n\r\"]{0,6}\"?",
        Just("true".to_owned()),
        Just("https://x.test/a".to_owned()),
        any::<String>(),
    ];
    let row = prop::collection::vec(cell, 0..18).prop_map(|cells| cells.join(","));
    prop::collection::vec(row, 0..12).prop_map(|rows| format!("{HEADER}{}", rows.join("\n")))
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read_all(&bytes);
        let _ = read_all(&[&[0x1f, 0x8b][..], &bytes].concat());
        let _ = read_all(&[HEADER.as_bytes(), &bytes].concat());
    }

    #[test]
    fn nearly_right_files_are_answered_the_same_however_they_arrive(file in nearly_csv(), piece in 1_usize..40) {
        let whole = told(file.as_bytes(), usize::MAX);
        prop_assert_eq!(told(file.as_bytes(), piece), whole);
    }

    #[test]
    fn faults_have_reasons_and_nothing_follows_a_fatal_one(file in nearly_csv()) {
        let mut reading = read(file.as_bytes(), EURO);
        let (mut ended, mut told) = (false, 0_u64);
        for item in reading.by_ref() {
            prop_assert!(!ended, "nothing follows a fatal error");
            match item {
                Ok(product) => told += (product.variants.len() + product.images.len()) as u64,
                Err(ReadError::Faulty(faulty)) => prop_assert!(!faulty.errors.is_empty()),
                Err(ReadError::Fatal(_)) => ended = true,
            }
        }
        prop_assert!(told <= 2 * reading.progress().rows());
    }

    #[test]
    fn what_is_written_is_read(
        written in prop::collection::vec(("[a-zé👍]([a-z ,\"'é👍]{0,10}[a-z])?", "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{7f}-\u{9f}]{0,40}", 0_i64..1_000_000), 1..20),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["Title", "Body (HTML)", "Variant Price", "Handle"]).unwrap();
        for (number, (title, body, price)) in written.iter().enumerate() {
            let price = format!("{}.{:02}", price / 100, price % 100);
            writer.write_record([title.as_str(), body, &price, &format!("h{number}")]).unwrap();
        }
        let read: Vec<_> = products(writer.into_inner().unwrap())
            .into_iter()
            .map(|p| (p.title, p.body_html, p.variants[0].price_minor))
            .collect();
        prop_assert_eq!(read, written);
    }
}
