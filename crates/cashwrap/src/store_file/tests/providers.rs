//! Checkout providers and agreements of the file.

use super::{LEAST, read};
use domain::catalog::{Agreement, AgreementsShown, CheckoutProvider, Entity, MethodKind, Proof};

const METHOD: &str = "[[payment_methods]]\nname = \"Hosted\"\nkind = \"external\"\n";

fn entities(lines: &str) -> Vec<Entity> {
    read(&format!("{LEAST}{lines}")).unwrap_or_else(|faults| panic!("{faults}")).entities
}

fn faults(lines: &str) -> Vec<String> {
    let faults = read(&format!("{LEAST}{lines}")).expect_err("the file is wrong");
    faults.0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_provider_has_a_method_and_choices() {
    let provider = "[[checkout_providers]]\nname = \"Pay Now\"\npayment_method = \"hosted\"\n";
    let found = |lines: &str| -> CheckoutProvider {
        let entities = entities(&format!("{METHOD}{provider}{lines}"));
        let Some(Entity::PaymentMethod(method)) = entities.first() else { panic!("{entities:?}") };
        assert_eq!(method.kind, MethodKind::External);
        let provider = entities.into_iter().find_map(|entity| match entity {
            Entity::CheckoutProvider(provider) => Some(*provider),
            _ => None,
        });
        provider.expect("a provider")
    };
    let plain = found("");
    assert_eq!((plain.slug.as_str(), plain.kind.0.as_str(), plain.active), ("pay-now", "pay-now", true));
    assert_eq!(
        (plain.proof, plain.agreements, plain.session_minutes),
        (Proof::Plain, AgreementsShown::ByPages, 60)
    );
    let chosen = found(
        "id = 7\nslug = \"pay\"\nkind = \"akifast\"\nproof = \"signed\"\nagreements = \"by_provider\"\n\
         session_minutes = 15\nactive = false\nlogo = \"https://x.example/l.png\"",
    );
    assert_eq!((chosen.id.0, chosen.slug.as_str(), chosen.kind.0.as_str()), (7, "pay", "akifast"));
    assert_eq!((chosen.proof, chosen.agreements), (Proof::Signed, AgreementsShown::ByProvider));
    assert_eq!((chosen.session_minutes, chosen.active, chosen.method.0), (15, false, 1));
}

#[test]
fn what_is_wrong_with_a_provider_or_an_agreement_is_said() {
    let check = "[[payment_methods]]\nname = \"Check\"\nkind = \"check\"\n";
    assert_eq!(
        faults(&format!(
            "{check}[[checkout_providers]]\nname = \"P\"\npayment_method = \"check\"\nlogo = \"l.png\""
        )),
        [
            "shop.toml:8: checkout_providers[1].payment_method: expected a payment method of the kind \"external\"",
            "shop.toml:9: checkout_providers[1].logo: expected an address that begins with https://, found \"l.png\"",
        ]
    );
    assert_eq!(
        faults("[[checkout_providers]]\nname = \"P\""),
        ["shop.toml:3: checkout_providers[1]: expected the key `payment_method`"]
    );
    let faults = faults(
        "[[agreements]]\ncode = \"info\"\nlanguage = \"English\"\ntext = \"T\"\nbody = \"{{date}} {{secret}}\"",
    );
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].ends_with("expected `language` to be two small letters like \"en\""), "{faults:?}");
    assert!(faults[1].contains("\"{{secret}}\" means nothing here; there are order.number, "), "{faults:?}");
}

#[test]
fn an_agreement_is_one_row_for_each_language() {
    let agreement = |language: &str| {
        format!(
            "[[agreements]]\ncode = \"info\"\nlanguage = \"{language}\"\ntext = \"T\"\nbody = \"<p>{{{{date}}}}</p>\"\n"
        )
    };
    let found: Vec<Agreement> = entities(&format!("{}{}", agreement("en"), agreement("tr")))
        .into_iter()
        .filter_map(|entity| match entity {
            Entity::Agreement(agreement) => Some(*agreement),
            _ => None,
        })
        .collect();
    let rows: Vec<_> =
        found.iter().map(|row| (row.id.0, row.language.as_str(), row.version.as_str())).collect();
    assert_eq!(rows, [(1, "en", "1"), (2, "tr", "1")]);
    let twice = faults(&format!("{}{}", agreement("en"), agreement("en")));
    assert_eq!(twice, ["shop.toml:8: agreements[2]: agreement \"info/en\" stands twice in this store"]);
}
