mod shopify;

#[allow(dead_code)]
mod bench;
#[allow(dead_code)]
mod store_file;

fn main() {}
