//! The small commands: check, migrate, audit, apis.

use crate::cli::{CheckArgs, DatabaseArgs, ShopArgs};
use crate::database::Database;
use crate::shop::{self, ShopText};
use anyhow::{Context as _, bail};
use domain::catalog::Geography;
use engine::ports::{Clock as _, Store as _};

/// Prints every mistake of a store file. Environment variables need not be set to check it.
pub fn check(args: &CheckArgs) -> anyhow::Result<()> {
    let text = ShopText::find(&args.file)?;
    let geography = Geography::world();
    let any_secret = |_: &str| Some("any key will do to check".to_owned());
    let now = engine::SystemClock.now();
    match text.reading(&geography, &any_secret, now, |reading| reading.alone()) {
        Ok(file) => {
            let (rows, people) = (file.entities.len(), file.people.len());
            println!("{}: no mistakes; {rows} rows, {people} people", text.name);
            Ok(())
        }
        Err(faults) => {
            let count = faults.0.len();
            eprintln!("{faults}");
            bail!("{}: {count} mistake{}", text.name, if count == 1 { "" } else { "s" })
        }
    }
}

/// Creates the database or brings it up to date.
pub fn migrate(args: &DatabaseArgs) -> anyhow::Result<()> {
    let Database::File(path) = &args.database else { bail!("a database in memory needs no migration") };
    store::migrate(path).with_context(|| format!("cannot migrate {}", path.display()))?;
    println!("{} is up to date", path.display());
    Ok(())
}

/// Prints the breaks of what must hold; an error if there are any.
pub async fn audit(args: &ShopArgs) -> anyhow::Result<()> {
    let breaks = shop::open_as_is(args)?.audit().await?;
    for found in &breaks {
        println!("{}", found.0);
    }
    if !breaks.is_empty() {
        bail!("{} kinds of breaks", breaks.len());
    }
    println!("no breaks: stock, money and limits agree with the stored orders");
    Ok(())
}

/// Lists the APIs of this build.
pub fn apis() {
    let widest = http_api::apis::ALL.iter().map(|api| api.name.len()).max().unwrap_or(0);
    for api in http_api::apis::ALL {
        println!("{:widest$}  {}", api.name, api.roots.join("  "));
    }
}
