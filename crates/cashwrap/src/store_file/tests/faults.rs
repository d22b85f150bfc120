//! Each mistake names the file, the line, the key and what was expected.

use super::{LEAST, read};

/// Checks the report of `LEAST` with these lines after it (the first of them is line 3).
fn check(lines: &str, expected: &[&str]) {
    let faults = read(&format!("{LEAST}{lines}")).expect_err("the file is wrong");
    let found: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_toml() {
    let faults = read("currency = \"USD\"\ndefault_country = = \"US\"\n").unwrap_err().to_string();
    assert!(faults.starts_with("shop.toml:2: this is not TOML: "), "{faults}");
}

#[test]
fn keys_that_are_missing() {
    let faults = read("").unwrap_err().to_string();
    assert_eq!(
        faults,
        "shop.toml:1: expected the key `currency`\nshop.toml:1: expected the key `default_country`"
    );
    check("[[zones]]\ncountries = [\"US\"]", &["shop.toml:3: zones[1]: expected the key `name`"]);
    check(
        "[[promotions]]\nname = \"A\"\nactions = [\"free_shipping\"]",
        &["shop.toml:3: promotions[1]: expected the key `codes`, or `automatic = true`"],
    );
}

#[test]
fn keys_that_are_unknown_come_with_a_suggestion() {
    check("zonse = []", &["shop.toml:3: zonse: unknown key, did you mean \"zones\"?"]);
    check(
        "[[zones]]\nname = \"A\"\ncountires = [\"US\"]\nstates = []",
        &["shop.toml:5: zones[1].countires: unknown key, did you mean \"countries\"?"],
    );
    check("[elsewhere]\nx = 1", &["shop.toml:3: elsewhere: unknown key"]);
}

#[test]
fn values_of_the_wrong_kind() {
    let product = |price: &str| format!("[[products]]\nname = \"A\"\nships = false\n{price}");
    check(
        &product("price = 12.50"),
        &[
            "shop.toml:6: products[1].price: expected an amount of money like \"12.50 USD\", found the number 12.50",
        ],
    );
    check(
        &product("price = \"1 USD\"\nstock = -1"),
        &[
            "shop.toml:7: products[1].stock: expected a whole number from 0 to 1000000000, found the number -1",
        ],
    );
    check(
        &product("").replace("false", "\"no\""),
        &[
            "shop.toml:3: products[1]: expected the key `price`",
            "shop.toml:5: products[1].ships: expected true or false, found \"no\"",
        ],
    );
}

#[test]
fn money_and_percentages_are_exact() {
    let rate = |percent: &str| {
        format!(
            "[[zones]]\nname = \"Z\"\ncountries = [\"US\"]\n[[tax_categories]]\nname = \"T\"\n[[tax_rates]]\n\
             name = \"R\"\nzone = \"Z\"\ncategories = [\"T\"]\npercent = {percent}"
        )
    };
    check(
        &rate("\"5.00001 %\""),
        &["shop.toml:12: tax_rates[1].percent: expected a percentage like \"5 %\", found \"5.00001 %\""],
    );
    check(
        &rate("0.05"),
        &["shop.toml:12: tax_rates[1].percent: expected a percentage like \"5 %\", found the number 0.05"],
    );
    check(
        "[[promotions]]\nname = \"P\"\ncodes = [\"p\"]\nactions = [{ adjust_order = { flat = \"5.005 USD\" } }]",
        &[
            "shop.toml:6: promotions[1].actions[1].adjust_order.flat: expected an amount of money like \"12.50 USD\", \
           found \"5.005 USD\"",
        ],
    );
}

#[test]
fn names_that_are_not_there() {
    check(
        "[[zones]]\nname = \"North America\"\ncountries = [\"US\"]\n[[tax_categories]]\nname = \"Default\"\n\
         [[tax_rates]]\nname = \"R\"\npercent = \"5 %\"\nzone = \"Nort America\"\ncategories = [\"Books\"]",
        &[
            "shop.toml:11: tax_rates[1].zone: there is no zone \"Nort America\" in this store, did you mean \
             \"North America\"?",
            "shop.toml:12: tax_rates[1].categories[1]: there is no tax category \"Books\" in this store",
        ],
    );
    check(
        "[[zones]]\nname = \"Z\"\ncountries = [\"USA\"]\nstates = [\"US-XX\"]",
        &[
            "shop.toml:5: zones[1].countries[1]: expected a country by its ISO 3166-1 code in two capital letters \
             like \"US\", found \"USA\"",
            "shop.toml:6: zones[1].states[1]: expected a state by its country and code like \"US-WA\", found \"US-XX\"",
        ],
    );
    check(
        "[channels.solidsu]",
        &["shop.toml:3: channels.solidsu: there is no channel \"solidsu\", did you mean \"solidus\"?"],
    );
}

#[test]
fn things_that_stand_twice() {
    let zone = |extra: &str| format!("[[zones]]\nname = \"Z\"\ncountries = []\n{extra}");
    check(
        &format!("{}{}", zone(""), zone("")),
        &["shop.toml:6: zones[2]: zone \"Z\" stands twice in this store"],
    );
    check(
        &format!("{}[[zones]]\nid = 7\nname = \"Y\"\ncountries = []", zone("id = 7\n")),
        &["shop.toml:7: zones[2]: the id 7 is given to another zone too"],
    );
    let promotion = |name: &str, channel: &str| {
        format!(
            "[[promotions]]\nname = \"{name}\"\ncodes = [\"Ten\"]\nactions = [\"free_shipping\"]\nchannels = [\"{channel}\"]\n"
        )
    };
    let apart = format!("{LEAST}{}{}", promotion("A", "solidus"), promotion("B", "ping"));
    assert!(read(&apart).is_ok());
    check(
        &format!("{}{}", promotion("A", "solidus"), promotion("B", "solidus")),
        &["shop.toml:1: promotions: the code \"ten\" is both of \"A\" and of \"B\""],
    );
}

#[test]
fn keys_of_people_never_stand_in_the_file() {
    let user = "[[users]]\nemail = \"a@example.com\"\n";
    let faults = read(&format!("{LEAST}{user}api_key = \"secret\"")).unwrap_err().to_string();
    assert!(faults.starts_with("shop.toml:5: users[1].api_key: a key never stands in the file"), "{faults}");
    assert!(!faults.contains("secret"), "{faults}");
    check(
        &format!("{user}api_key_env = \"NOBODY_SET_THIS\""),
        &["shop.toml:5: users[1].api_key_env: the environment variable \"NOBODY_SET_THIS\" is not set"],
    );
    check(
        &format!("{user}api_key_env = \"SHORT_KEY\""),
        &["shop.toml:5: users[1].api_key_env: expected at least 16 characters in \"SHORT_KEY\""],
    );
}

#[test]
fn mistakes_in_the_product_file_name_that_file() {
    let location = "[[stock_locations]]\nname = \"main\"\n";
    check(
        &format!("products_csv = \"bad.csv\"\n{location}"),
        &["bad.csv:2: Variant Price: expected an amount such as 12.05, found \"twelve\""],
    );
    check(
        &format!("products_csv = \"gone.csv\"\n{location}"),
        &["shop.toml:3: products_csv: cannot read \"gone.csv\": there is no such file"],
    );
    check(
        "products_csv = \"two.csv\"",
        &["shop.toml:3: products_csv: expected at least one stock location for the products of this file"],
    );
}

#[test]
fn choices_that_contradict_each_other() {
    check(
        "[channels.spree]\nhold = \"from_cart\"",
        &["shop.toml:3: channels.spree: expected `hold_minutes` beside `hold = \"from_cart\"`"],
    );
    check(
        "[channels.spree]\nguests = \"nobody\"",
        &["shop.toml:4: channels.spree.guests: expected \"allowed\" or \"accounts_only\", found \"nobody\""],
    );
    check(
        "[[promotions]]\nname = \"P\"\ncodes = [\"p\"]\nactions = [\"free_shipping\"]\nfrom = 2026-02-01\nuntil = 2026-01-01",
        &["shop.toml:3: promotions[1]: expected `until` to be after `from`"],
    );
}

#[test]
fn every_mistake_is_reported_by_line() {
    let faults = read("currency = \"USX\"\ndefault_country = \"us\"\nnonsense = 1\n").unwrap_err();
    assert_eq!(faults.0.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 2, 3]);
}
