//! A shop whose checkout a provider takes over, and the calls of an honest provider.

#![allow(dead_code)] // each test file uses its own part

use crate::common::*;
use domain::catalog::*;
use domain::channel::*;
use domain::command::*;
use domain::money::{Amount, Rate};
use domain::order::{Order, Stage, ThreeD};
use domain::refusal::{ProviderFault, ProviderRefusal, Refusal};
use domain::user::Who;
use domain::{provider, *};

pub const PAY: ProviderId = ProviderId(1);
pub const PASSIVE: ProviderId = ProviderId(2);
pub const EXTERNAL: PaymentMethodId = PaymentMethodId(9);
pub const STANDARD: ShippingMethodId = ShippingMethodId(1);
pub const EXPRESS: ShippingMethodId = ShippingMethodId(2);
pub const TOKEN: &str = "0b7f6e0a-8f54-4f0a-9b3c-6c6f7b1d2e3f";
pub const WORD: &str = "a conversation of ours";

pub fn shop() -> Shop {
    let mut shop = Shop::new();
    let policy = &mut shop.channel.policy;
    policy.restart = Restart::Stay;
    policy.price_change = PriceChange::TakenOver;
    policy.stock_on_add = StockOnAdd::Checked;
    policy.capture = Capture::AtOnce;
    policy.cover = Cover::Required;
    shop.catalog.put(
        PaymentMethod {
            id: EXTERNAL,
            key: "hosted".into(),
            name: "Hosted".into(),
            description: String::new(),
            kind: MethodKind::External,
            active: true,
            for_buyers: false,
            for_staff: false,
            capture: None,
            position: 9,
            channels: Channels::All,
            config: Default::default(),
        }
        .into(),
    );
    shop.catalog.put(row(PAY, true).into());
    shop.catalog.put(row(PASSIVE, false).into());
    for (id, code, language) in [(1, "info", "en"), (2, "info", "tr"), (3, "sales", "en")] {
        shop.catalog.put(
            Agreement {
                id: AgreementId(id),
                code: code.into(),
                language: language.into(),
                text: format!("{code} {language}"),
                version: "1".into(),
                body: "<p>{{order.lines}} {{order.total}} {{buyer.name}} {{buyer.email}}</p>".into(),
                channels: Channels::All,
            }
            .into(),
        );
    }
    shop
}

pub fn row(id: ProviderId, active: bool) -> CheckoutProvider {
    CheckoutProvider {
        id,
        slug: format!("provider-{id}"),
        name: format!("Provider {id}"),
        kind: ProviderKind("test".into()),
        logo: None,
        active,
        method: EXTERNAL,
        proof: Proof::Plain,
        agreements: AgreementsShown::ByPages,
        session_minutes: 60,
        channels: Channels::All,
    }
}

pub fn hosted(step: ProviderStep) -> Command {
    Command::Provider(Box::new(step))
}

pub fn begin() -> Command {
    hosted(ProviderStep::Begin)
}

pub fn select() -> Command {
    select_as(TOKEN, WORD)
}

pub fn select_as(token: &str, conversation: &str) -> Command {
    hosted(ProviderStep::Select(StartedSession {
        provider: PAY,
        token: token.into(),
        conversation: conversation.into(),
        redirect_url: "https://pay.example/1".into(),
        ends_at: None,
    }))
}

pub fn proven(country: CountryId, hash: &str, content: u8) -> ProvenAddress {
    // A provider gives neither a postal code nor, always, a phone.
    let fields = domain::address::AddressFields { zipcode: String::new(), phone: None, ..address(country) };
    ProvenAddress { fields, hash: hash.into(), content: [content; 32] }
}

pub fn both(country: CountryId) -> GivenAddresses {
    GivenAddresses { ship: Some(proven(country, "ship", 1)), bill: Some(proven(country, "bill", 2)) }
}

pub fn addresses() -> Command {
    hosted(ProviderStep::Addresses { token: TOKEN.into(), addresses: both(US) })
}

pub fn list() -> Command {
    hosted(ProviderStep::ListTerms { conversation: WORD.into(), language: Some("tr".into()) })
}

pub fn show(method: ShippingMethodId, code: &str) -> Command {
    hosted(ProviderStep::ShowTerms {
        token: TOKEN.into(),
        method,
        code: code.into(),
        email: "buyer@example.com".into(),
        addresses: GivenAddresses::default(),
    })
}

/// What an honest provider says when it has the money: what the order costs now.
pub fn said(order: &Order, shop: &Shop) -> Notification {
    Notification {
        conversation: WORD.into(),
        paid: Paid::Yes,
        agreed: Agreed::Yes,
        basket: provider::basket(order, &shop.catalog),
        method: order.provider_session().and_then(|session| session.chosen).unwrap_or(STANDARD),
        addresses: GivenAddresses::default(),
        total_paid: order.total(),
        interest: Amount::ZERO,
        interest_rate: None,
        installments: 1,
        three_d: ThreeD::Asked,
        system: "garanti".into(),
        bins: vec!["450803".into()],
        raw: "{}".into(),
        user: ExternalUser { id: "ak-1".into(), email: "payer@example.com".into() },
        lost_race: LostRace::No,
    }
}

pub fn notify(notification: Notification) -> Command {
    hosted(ProviderStep::Notify(Box::new(notification)))
}

/// An order at a stage.
pub fn at(shop: &mut Shop, lines: &[(VariantId, u32)], stage: Stage) -> Order {
    let mut order = shop.cart(lines);
    let steps = [
        (Stage::Begun, begin()),
        (Stage::Started, select()),
        (Stage::Addressed, addresses()),
        (Stage::TermsListed, list()),
        (Stage::TermsShown, show(STANDARD, "info")),
    ];
    for (_, step) in steps.into_iter().filter(|(reached, _)| *reached <= stage) {
        order = shop.ok(&order, step);
    }
    assert_eq!(order.provider.as_ref().map(|checkout| checkout.stage()), Some(stage));
    order
}

/// An order that only waits for its money, with what the provider will say.
pub fn shown(shop: &mut Shop, lines: &[(VariantId, u32)]) -> (Order, Notification) {
    let order = at(shop, lines, Stage::TermsShown);
    let said = said(&order, shop);
    (order, said)
}

pub fn faults(faults: &[ProviderFault]) -> Refusal {
    Refusal::Provider(ProviderRefusal::Faults(faults.to_vec()))
}

/// The refusal of a command of which nothing was kept.
pub fn no(shop: &Shop, order: &Order, command: Command) -> Refusal {
    shop.ask(Some(order), command, Who::Guest).map(drop).expect_err("a refusal")
}

pub fn six_percent() -> Option<Rate> {
    Some(Rate::percent(6))
}
