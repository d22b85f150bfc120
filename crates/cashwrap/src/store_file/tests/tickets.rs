//! Events and what is sold for them: what a file becomes, what is wrong with one, and pools in a database.

use super::{LEAST, read, reading};
use crate::store_file::{StoreFile, load};
use domain::catalog::{
    Asked, Catalog, ConflictPolicy, Entity, Entry, FieldKind, Geography, MemberIdRule, Packaged, ProductKind,
    Settings, Switch,
};
use domain::money::Currency;
use domain::{EventId, MembershipPlanId, ProductId, StockLocationId, TicketTypeId, Time, VariantId};
use engine::ports::Store;
use std::sync::Arc;
use store::MemoryStore;

const NIGHT: &str = "throwaway = true\n[[events]]\nname = \"Night\"\nstarts_at = 2030-01-01T19:00:00Z\n\
ends_at = 2030-01-01T22:00:00Z\ntimezone = \"Europe/Lisbon\"\npassword = \"sesame\"\ninvite_only = true\nform = \"F\"\n\
[[forms]]\nname = \"F\"\nfields = [{ label = \"Diet\", kind = \"choice\", options = [\"All\", \"Green\"] }, { label = \"Note\" }]\n\
[[ticket_types]]\nname = \"T\"\nholder_name = \"required\"\nmember_id = { format = \"M[0-9]+\" }\n\
[[membership_plans]]\nname = \"Friends\"\n[[pools]]\nname = \"Room\"\nsize = 40\n";

const TICKET: &str = "[[products]]\nname = \"Extra\"\nprice = \"1 USD\"\nships = false\n\
[[products]]\nname = \"Entry\"\nsku = \"ENTRY\"\nprice = \"5 USD\"\nships = false\ntrack_inventory = false\n\
kind = \"registration\"\nevent = \"night\"\ncan_request = true\nneeds_membership = [\"Friends\"]\nmax_per_order = 4\n\
addons = [{ product = \"extra\", max = 2 }]\noptions = [\"Seat\"]\non_sale_at = 2029-01-01\n\
tickets = [{ event = \"night\", type = \"T\", quantity = 2 }]\ndraws = [{ pool = \"Room\", units = 2 }]\n\
[[products.variants]]\noptions = { Seat = \"Box\" }\nsale = \"paused\"\ndraws = []\n";

fn file(lines: &str) -> StoreFile {
    read(&format!("{LEAST}{lines}")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn check(lines: &str, expected: &str) {
    let faults = read(&format!("{LEAST}{lines}")).expect_err("the file is wrong");
    let found: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(found, [expected]);
}

macro_rules! row {
    ($file:expr, $kind:ident) => {
        $file.entities.iter().find_map(|entity| match entity {
            Entity::$kind(row) => Some(&**row),
            _ => None,
        })
    };
}

#[test]
fn an_event_with_what_it_asks() {
    let file = file(NIGHT);
    let event = row!(file, Event).expect("an event");
    assert_eq!((event.slug.as_str(), event.timezone.as_str()), ("night", "Europe/Lisbon"));
    assert_eq!((event.password.as_deref(), event.entry), (Some("sesame"), Entry::InviteOnly));
    let form = row!(file, Form).expect("a form");
    assert_eq!(event.form, Some(form.id));
    let kinds: Vec<_> = form.fields.iter().map(|field| (field.kind, field.options.len())).collect();
    assert_eq!(kinds, [(FieldKind::Choice, 2), (FieldKind::Text, 0)]);
    let kind = row!(file, TicketType).expect("a ticket type");
    assert_eq!((kind.name_asked, kind.email_asked), (Asked::Required, Asked::No));
    let rule = MemberIdRule { format: Some("M[0-9]+".to_owned()), list: None };
    assert_eq!(kind.member_id, Some(rule));
}

#[test]
fn a_ticket_hands_its_sale_down_to_its_variants() {
    let file = file(&format!("{NIGHT}{TICKET}"));
    let entry = file.entities.iter().find_map(|entity| match entity {
        Entity::Product(product) if product.slug == "entry" => Some(&**product),
        _ => None,
    });
    let entry = entry.expect("the ticket");
    let sales = &entry.sales;
    assert_eq!((sales.kind, sales.event), (ProductKind::Registration, Some(EventId(1))));
    assert!(sales.can_request && !sales.can_reserve);
    assert_eq!((&sales.membership_plans[..], sales.max_per_order), (&[MembershipPlanId(1)][..], Some(4)));
    assert_eq!((sales.addons[0].product, sales.addons[0].max), (ProductId(1), Some(2)));

    let package = [Packaged { event: EventId(1), ticket_type: TicketTypeId(1), quantity: 2 }];
    let master = &entry.master;
    let pool = row!(file, Pool).expect("a pool");
    assert_eq!((master.draws[0].pool, master.draws[0].units), (pool.id, 2));
    assert_eq!(master.package, package);
    let seat = &entry.variants[0];
    assert_eq!((seat.window.switch, seat.window.on_sale_at), (Switch::Paused, master.window.on_sale_at));
    assert_eq!((&seat.package[..], seat.draws.len()), (&package[..], 0));
    let taken: Vec<VariantId> = entry.all_variants().map(|variant| variant.id).collect();
    assert!(!taken.contains(&pool.id), "a pool's id is no variant's");
}

#[test]
fn checkouts_and_order_forms() {
    let file = file(&format!(
        "{NIGHT}{TICKET}[[order_forms]]\nname = \"O\"\nconditions = [{{ label = \"Two\", variants = [\"entry\"], \
         minimum = 2 }}]\n[[checkouts]]\nname = \"C\"\ndefault = true\nconflicts = \"block\"\nhold_minutes = 5\n\
         privacy_url = \"https://s.example/p\"\nimprint_url = \"https://s.example/i\"\ncontact = \" a@s.example \"\n"
    ));
    let form = row!(file, OrderForm).expect("an order form");
    assert_eq!((form.conditions[0].minimum, form.conditions[0].maximum), (2, None));
    let checkout = row!(file, Customization).expect("a checkout");
    assert_eq!((checkout.hold_minutes, checkout.conflicts), (5, ConflictPolicy::Block));
    assert_eq!((checkout.offer_hours, checkout.guest_checkout), (24, true));
    let links = [&checkout.terms_url, &checkout.privacy_url, &checkout.imprint_url].map(|url| url.as_deref());
    assert_eq!(links, [None, Some("https://s.example/p"), Some("https://s.example/i")]);
    assert_eq!(checkout.contact.as_deref(), Some("a@s.example"));
    check(
        "[[checkouts]]\nname = \"C\"\ncontact = \"the desk\"",
        "shop.toml:5: checkouts[1].contact: expected an e-mail address, found \"the desk\"",
    );
}

#[test]
fn days_from_now_are_for_stores_without_real_events() {
    let event = "[[events]]\nname = \"E\"\nstarts_at = \"in 2 days at 10:00\"\nends_at = 2030-01-01\n";
    let file = file(&format!("throwaway = true\n{event}"));
    assert_eq!(row!(file, Event).map(|event| event.starts_at), Some(Time(2 * 86_400_000 + 36_000_000)));
    check(
        event,
        "shop.toml:5: events[1].starts_at: a time counted from now is for a store with `throwaway = true`: it moves \
         with each start",
    );
    check(
        &format!("throwaway = true\n{event}").replace("2 days", "two days"),
        "shop.toml:6: events[1].starts_at: expected days from now like \"in 30 days\", \"in 30 days at 19:30\" or \
         \"30 days ago\", found \"in two days at 10:00\"",
    );
}

#[test]
fn what_is_wrong_is_named() {
    let event = |line: &str| {
        format!("[[events]]\nname = \"E\"\nstarts_at = 2030-01-02\nends_at = 2030-01-03\n{line}\n")
    };
    check(
        &event("password = \"x\""),
        "shop.toml:7: events[1].password: a password never stands in the file: name an environment variable with \
         `password_env` (or say `throwaway = true` at the top of a store that holds nothing real)",
    );
    check(
        &event("timezone = \"Lisbon\""),
        "shop.toml:7: events[1].timezone: expected a time zone by its IANA name like \"Europe/Lisbon\", found \"Lisbon\"",
    );
    check(
        &event("").replace("01-03", "01-01"),
        "shop.toml:3: events[1]: expected `ends_at` not before `starts_at`",
    );
    check(
        "[[ticket_types]]\nname = \"T\"\nmember_id = { format = \"((\" }",
        "shop.toml:5: ticket_types[1].member_id.format: expected a regular expression, found \"((\"",
    );
    check(
        "[[forms]]\nname = \"F\"\nfields = [{ label = \"L\", kind = \"choice\" }]",
        "shop.toml:5: forms[1].fields[1]: expected `options` exactly where the kind is choice, select or checkboxes",
    );
    check(
        "[[products]]\nname = \"A\"\nprice = \"1 USD\"\nships = false\ndraws = [{ pool = \"Hall\" }]",
        "shop.toml:7: products[1].draws[1].pool: expected the name of a pool, found \"Hall\"",
    );
    check(
        "[[checkouts]]\nname = \"A\"\ndefault = true\n[[checkouts]]\nname = \"B\"\ndefault = true",
        "shop.toml:1: checkouts: expected at most one with `default = true`",
    );
}

#[tokio::test]
async fn a_pool_is_counted_from_its_size_and_follows_it() {
    let settings = Settings {
        currency: Currency::USD,
        default_country: "US".to_owned(),
        channels: Vec::new(),
        geography: Geography::world(),
    };
    let store = MemoryStore::new(Catalog::empty(Arc::new(settings)));
    let level = async || {
        let pools: Vec<VariantId> = store.catalog().ticketing.pools.keys().copied().collect();
        let view = store.stock(&pools).await.unwrap();
        view.of(pools[0]).iter().map(|level| (level.location, level.on_hand)).collect::<Vec<_>>()
    };
    for (size, rows) in [(40, 8), (40, 0), (25, 1)] {
        let text = format!("{LEAST}{NIGHT}{TICKET}").replace("size = 40", &format!("size = {size}"));
        let geography = Geography::world();
        let loaded =
            load(&store, &reading(&text, &geography)).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.rows, rows, "size {size}");
        assert_eq!(level().await, [(StockLocationId::NOWHERE, size)]);
    }
}
