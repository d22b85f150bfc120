//! Reading country files of both shapes, and what becomes of them when they change or go.

use super::*;

fn country(geo: &GeoFile, address: &str) -> Option<String> {
    geo.country(address.parse().unwrap()).map(|code| code.to_string())
}

#[test]
fn the_addresses_of_the_examples() {
    let geo = GeoFile::sample();
    for (address, code) in [
        ("36.72.0.1", Some("ID")),
        ("8.8.8.8", Some("US")),
        ("81.2.69.142", Some("GB")),
        ("88.198.0.1", Some("DE")),
        ("5.160.0.1", Some("IR")),
        ("2404:c0::1", Some("ID")),
        ("::ffff:36.72.0.1", Some("ID")),
        ("10.0.0.1", None),
        ("1.1.1.1", None),
    ] {
        assert_eq!(country(&geo, address).as_deref(), code, "{address}");
    }
}

#[test]
fn nobodys_addresses_are_nowhere() {
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.0.1",
        "100.64.0.1",
        "0.1.2.3",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert!(belongs_to_nobody(address.to_canonical()), "{address}");
    }
    for address in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2404:c0::1"] {
        assert!(!belongs_to_nobody(address.parse().unwrap()), "{address}");
    }
}

/// A database of one country in another shape: the sample's bytes with the record replaced by one of the same length.
fn flat(key: &[u8; 12]) -> Vec<u8> {
    // {"country": {"iso_code": "ID"}} is E1 47 country E1 48 iso_code 42 ID: 22 bytes.
    let nested = [b"\xe1\x47country\xe1\x48iso_code\x42".as_slice(), b"ID"].concat();
    let at = SAMPLE.windows(nested.len()).position(|window| window == nested).unwrap();
    // One map with one key of 12 bytes: E1 4C key 42 ID is 17 bytes; what is left over is never pointed at.
    let record = [b"\xe1\x4c".as_slice(), key, b"\x42", b"ID"].concat();
    let mut bytes = SAMPLE.to_vec();
    bytes[at..at + record.len()].copy_from_slice(&record);
    bytes
}

#[test]
fn flat_records_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat.mmdb");
    std::fs::write(&path, flat(b"country_code")).unwrap();
    let geo = GeoFile::open(&path);
    assert_eq!(country(&geo, "36.72.0.1").as_deref(), Some("ID"));
    assert_eq!(country(&geo, "8.8.8.8").as_deref(), Some("US"), "nested beside flat");
    std::fs::write(&path, flat(b"continent_cc")).unwrap();
    let other = GeoFile::open(&path);
    assert_eq!(country(&other, "36.72.0.1"), None, "a record without a country");
}

#[test]
fn a_file_may_come_change_break_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("geo.mmdb");
    let geo = GeoFile::open(&path);
    assert_eq!(country(&geo, "36.72.0.1"), None, "no file");
    assert_eq!(geo.look(), Look::Unchanged);
    std::fs::write(&path, SAMPLE).unwrap();
    assert_eq!(geo.look(), Look::Loaded);
    assert_eq!(geo.look(), Look::Unchanged);
    assert_eq!(country(&geo, "36.72.0.1").as_deref(), Some("ID"));
    std::fs::write(&path, b"not a database").unwrap();
    assert_eq!(geo.look(), Look::Broken);
    assert_eq!(country(&geo, "36.72.0.1").as_deref(), Some("ID"), "the last good one is kept");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(geo.look(), Look::Gone);
    assert_eq!(country(&geo, "36.72.0.1"), None);
}

#[tokio::test]
async fn a_watched_file_is_picked_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("geo.mmdb");
    let geo = Arc::new(GeoFile::open(&path));
    geo.watch(Duration::from_millis(10));
    std::fs::write(&path, SAMPLE).unwrap();
    let found = async {
        while country(&geo, "8.8.8.8").is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found).await.expect("the file is found");
}
