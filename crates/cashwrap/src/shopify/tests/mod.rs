//! Tests of the product CSV reader: what it survives, what it refuses, and that it streams.

mod export;
mod fuzz;
mod header;
mod quirks;
mod refusals;
mod streaming;
mod values;

use super::{FaultyProduct, Options, Problem, ReadError, ShopProduct, read};

const EURO: Options = Options { currency_exponent: 2 };

fn read_all(file: &[u8]) -> Vec<Result<ShopProduct, ReadError>> {
    read(file, EURO).collect()
}

/// All products of a file without errors.
fn products(file: impl AsRef<[u8]>) -> Vec<ShopProduct> {
    read_all(file.as_ref()).into_iter().map(|item| item.expect("a good product")).collect()
}

/// The only product of a file without errors.
fn product(file: impl AsRef<[u8]>) -> ShopProduct {
    let mut all = products(file);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Good products' handles and the faulty products, each in file order.
fn sorted(file: impl AsRef<[u8]>) -> (Vec<String>, Vec<FaultyProduct>) {
    let (mut good, mut faulty) = (Vec::new(), Vec::new());
    for item in read_all(file.as_ref()) {
        match item {
            Ok(product) => good.push(product.handle),
            Err(ReadError::Faulty(product)) => faulty.push(product),
            Err(ReadError::Fatal(error)) => panic!("{error}"),
        }
    }
    (good, faulty)
}

/// The errors of a file's faulty products as (line, column, problem), with an empty column for whole rows.
fn errors(file: impl AsRef<[u8]>) -> Vec<(u64, String, Problem)> {
    let rows = sorted(file).1.into_iter().flat_map(|faulty| faulty.errors);
    rows.map(|error| (error.line, error.column.unwrap_or_default(), error.problem)).collect()
}

/// The fatal error that ends the reading of a file.
fn fatal(file: impl AsRef<[u8]>) -> String {
    match read_all(file.as_ref()).pop() {
        Some(Err(ReadError::Fatal(error))) => error.to_string(),
        other => panic!("not fatal: {other:?}"),
    }
}
