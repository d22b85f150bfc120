mod shopify;

#[allow(dead_code)]
mod bench;

fn main() {}
