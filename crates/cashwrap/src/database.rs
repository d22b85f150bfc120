//! Which database, by its address.

use std::path::PathBuf;
use std::str::FromStr;
use store::SqliteTarget;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    File(PathBuf),
    /// Forgotten when the program ends.
    Memory,
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Database, String> {
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Err("PostgreSQL comes with a later version; use sqlite:PATH".to_owned());
        }
        match text.strip_prefix("sqlite:") {
            Some(":memory:") => Ok(Database::Memory),
            Some(path) if !path.is_empty() => {
                let path = path.strip_prefix("//").unwrap_or(path);
                Ok(Database::File(PathBuf::from(path)))
            }
            _ => Err("expected sqlite:PATH or sqlite::memory:".to_owned()),
        }
    }
}

impl Database {
    pub fn target(&self) -> SqliteTarget {
        match self {
            Database::File(path) => SqliteTarget::File(path.clone()),
            Database::Memory => SqliteTarget::Memory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!("sqlite::memory:".parse(), Ok(Database::Memory));
        assert_eq!("sqlite:shop.db".parse(), Ok(Database::File("shop.db".into())));
        assert_eq!("sqlite:///srv/shop.db".parse(), Ok(Database::File("/srv/shop.db".into())));
        for bad in ["shop.db", "sqlite:", "postgres://x", "mysql:x"] {
            assert!(bad.parse::<Database>().is_err(), "{bad}");
        }
    }
}
