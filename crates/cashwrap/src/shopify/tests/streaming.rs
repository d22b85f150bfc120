//! However long the file, the reader holds one product and one buffer.

use super::super::{ReadError, limits, read};
use super::{EURO, sorted};
use std::io::{self, Read};

/// Writes a CSV as it is read: a header and then one row after the other, never keeping more than one.
struct Generated<F> {
    next: u64,
    rows: u64,
    row: F,
    pending: io::Cursor<Vec<u8>>,
}

impl<F: Fn(u64) -> String> Generated<F> {
    fn new(rows: u64, row: F) -> Self {
        let header = b"Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n".to_vec();
        Self { next: 0, rows, row, pending: io::Cursor::new(header) }
    }
}

impl<F: Fn(u64) -> String> Read for Generated<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pending.read(buffer)?;
        if read > 0 || self.next == self.rows {
            return Ok(read);
        }
        self.pending = io::Cursor::new((self.row)(self.next).into_bytes());
        self.next += 1;
        self.pending.read(buffer)
    }
}

/// Four variants to a product.
fn good_row(n: u64) -> String {
    let title = if n.is_multiple_of(4) { "Product" } else { "" };
    format!("p-{},{title},Size,{},S-{n},{}.{:02}\n", n / 4, n % 4, n % 1000, n % 100)
}

#[test]
fn a_hundred_thousand_rows_are_handed_out_as_they_come() {
    let rows = 100_000;
    let mut products = read(Generated::new(rows, good_row), EURO);
    let progress = products.progress();
    assert_eq!((progress.bytes(), progress.rows()), (0, 0), "nothing is read before it is asked for");
    let mut variants = 0;
    for (number, product) in products.by_ref().enumerate() {
        let product = product.unwrap();
        assert_eq!(product.handle, format!("p-{number}"));
        variants += product.variants.len() as u64;
        // The row that begins the next product has been read, and none after it.
        assert_eq!(progress.rows(), (variants + 1).min(rows));
    }
    assert_eq!(variants, rows);
    let written: usize = (0..rows).map(|n| good_row(n).len()).sum();
    let header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n".len();
    assert_eq!(progress.bytes(), (header + written) as u64);
    assert!(products.next().is_none());
}

#[test]
fn the_first_product_needs_only_the_first_rows_of_the_stream() {
    let mut products = read(Generated::new(100_000, good_row), EURO);
    let progress = products.progress();
    assert!(products.next().unwrap().is_ok());
    // The source gives a row at a time: had anything been collected, there would be more.
    assert!(progress.bytes() < 1_000, "{}", progress.bytes());
}

#[test]
fn one_handle_for_ever_keeps_a_bounded_number_of_errors() {
    let rows = 50_000;
    let mut products = read(Generated::new(rows, |n| format!("same,T,Size,{n},,x\n")), EURO);
    let Some(Err(ReadError::Faulty(faulty))) = products.next() else { panic!("expected a faulty product") };
    assert_eq!(faulty.errors.len(), limits::ERRORS_PER_PRODUCT);
    // A bad price on each row, and each row past the limit is one variant too many.
    assert_eq!(faulty.more_errors, 2 * rows - limits::VARIANTS as u64 - limits::ERRORS_PER_PRODUCT as u64);
    assert!(products.next().is_none());
}

#[test]
fn a_thousand_bad_rows_of_many_hold_back_only_their_products() {
    let (rows, bad) = (100_000_u64, 1_000);
    let row = |n: u64| {
        if n.is_multiple_of(100) { format!("p-{n},P,,,S-{n},-1\n") } else { format!("p-{n},P,,,S-{n},1\n") }
    };
    let mut file = Vec::new();
    Generated::new(rows, row).read_to_end(&mut file).unwrap();
    let (good, faulty) = sorted(file);
    assert_eq!((good.len() as u64, faulty.len()), (rows - bad as u64, bad));
    assert!(faulty.iter().zip(0..).all(|(product, n)| product.errors[0].line == n * 100 + 2));
}

#[test]
fn an_endless_row_is_cut_off() {
    let mut products = read(b"Handle,Title,Variant Price\na,\"".chain(io::repeat(b'x')), EURO);
    let progress = products.progress();
    let Some(Err(ReadError::Fatal(error))) = products.next() else { panic!("expected the end") };
    assert!(error.to_string().contains("line 2"), "{error}");
    assert!(progress.bytes() < 2 * limits::ROW_BYTES as u64);
    assert!(products.next().is_none());
    let mut fields = read(b"Handle,Title,Variant Price\na,".chain(io::repeat(b',')), EURO);
    assert!(matches!(fields.next(), Some(Err(ReadError::Fatal(_)))));
    assert!(fields.next().is_none());
}

#[test]
fn too_many_rows_are_fatal() {
    // Rows of one product with too few fields: the cheapest to read a million times.
    let rows = Generated::new(limits::ROWS + 5, |_| "p\n".to_owned());
    let last = read(rows, EURO).last().unwrap();
    let Err(ReadError::Fatal(error)) = last else { panic!("{last:?}") };
    assert!(error.to_string().contains(&format!("line {}", limits::ROWS + 2)), "{error}");
}
