//! A box office for tests: one event or product for each thing ticketing can ask for, over the small shop.

#![allow(dead_code)] // each test file uses its own part

use crate::common::*;
use domain::catalog::*;
use domain::channel::*;
use domain::command::*;
use domain::money::{Currency, Money, Rate};
use domain::order::Order;
use domain::plan;
use domain::*;

pub const GA: VariantId = VariantId(101);
pub const FREE: VariantId = VariantId(102);
/// Four places of the same pool as `GA`.
pub const FAMILY: VariantId = VariantId(103);
pub const SECRET: VariantId = VariantId(104);
pub const INVITED: VariantId = VariantId(105);
pub const MEMBER: VariantId = VariantId(106);
pub const REQUEST: VariantId = VariantId(107);
pub const RESERVE: VariantId = VariantId(108);
pub const SHIRT: VariantId = VariantId(109);
pub const PARKING: VariantId = VariantId(110);
pub const WITH_PARKING: VariantId = VariantId(111);
pub const ASKED: VariantId = VariantId(112);
pub const MASTER: VariantId = VariantId(113);
pub const BLUE: VariantId = VariantId(121);
pub const RED: VariantId = VariantId(122);
pub const CLUB: VariantId = VariantId(114);
pub const CARD_OF_CLUB: VariantId = VariantId(115);
pub const ALL: [VariantId; 14] = [
    GA,
    FREE,
    FAMILY,
    SECRET,
    INVITED,
    MEMBER,
    REQUEST,
    RESERVE,
    SHIRT,
    WITH_PARKING,
    ASKED,
    MASTER,
    CLUB,
    CARD_OF_CLUB,
];
pub const PASSWORD: &str = "open sesame";
pub const ON_SALE: Time = Time(1_700_000_000_000 + 7_200_000);

pub fn walking() -> Channel {
    let steps = [
        Step::Email,
        Step::Register,
        Step::OrderForm,
        Step::Customize,
        Step::AddOn,
        Step::Attendees,
        Step::Password,
        Step::Invite,
        Step::Member,
        Step::Membership,
        Step::Address,
        Step::Delivery,
        Step::Form,
        Step::Conflict,
        Step::Payment,
        Step::Confirm,
    ];
    let base = channel();
    Channel {
        flow: Flow(steps.map(|step| FlowStep { step, when: When::Needed }).to_vec()),
        policy: Policy {
            hold: Hold::FromCart { minutes: 15 },
            price_change: PriceChange::TakenOver,
            capture: Capture::AtOnce,
            restart: Restart::ToFirstOpen,
            remember_addresses: false,
            store_credit: UseStoreCredit::Never,
            default_card: DefaultCard::NotOffered,
            ..base.policy
        },
        ..base
    }
}

fn event(id: i64) -> Event {
    Event {
        id: EventId(id),
        name: format!("Event {id}"),
        slug: format!("event-{id}"),
        description: String::new(),
        venue: None,
        parent: None,
        categories: Vec::new(),
        starts_at: Time(2_000_000_000_000 + id * 86_400_000),
        ends_at: Time(2_000_000_000_000 + id * 86_400_000 + 7_200_000),
        timezone: "UTC".into(),
        published_at: Some(Time(0)),
        password: None,
        entry: Entry::Open,
        form: None,
        conflict_group: None,
        channels: Channels::All,
    }
}

fn ticket_type(id: i64) -> TicketType {
    TicketType {
        id: TicketTypeId(id),
        name: format!("Type {id}"),
        display_name: None,
        event: None,
        name_asked: Asked::No,
        email_asked: Asked::No,
        member_id: None,
        attachable: false,
        transferable: false,
    }
}

fn variant(id: VariantId, price: i64, pool: Option<(i64, u32)>, tickets: Option<(i64, i64, u32)>) -> Variant {
    Variant {
        id,
        sku: format!("T-{id}"),
        prices: vec![PriceOption::plain(Money::new(price, Currency::USD))],
        track_inventory: false,
        hold: HoldFrom::Cart,
        draws: pool.map(|(pool, units)| Draw { pool: VariantId(pool), units }).into_iter().collect(),
        package: tickets
            .map(|(event, ticket_type, quantity)| Packaged {
                event: EventId(event),
                ticket_type: TicketTypeId(ticket_type),
                quantity,
            })
            .into_iter()
            .collect(),
        ..Variant::default()
    }
}

fn product(master: Variant, sales: SaleRules) -> Product {
    Product {
        id: ProductId(master.id.0),
        name: format!("Product {}", master.id),
        slug: format!("product-{}", master.id),
        description: String::new(),
        available_on: Some(Time(0)),
        discontinue_on: None,
        deleted_at: None,
        shipping_category: None,
        tax_category: None,
        meta_title: None,
        meta_description: None,
        meta_keywords: None,
        promotionable: true,
        option_types: Vec::new(),
        properties: Vec::new(),
        taxons: Vec::new(),
        master: Variant { is_master: true, ..master },
        variants: Vec::new(),
        channels: Channels::All,
        sales,
        service: None,
        created_at: Time(0),
        updated_at: Time(0),
    }
}

fn events(rows: &mut Catalog) {
    rows.put(event(1).into());
    rows.put(Event { password: Some(PASSWORD.into()), ..event(2) }.into());
    rows.put(Event { entry: Entry::InviteOnly, ..event(3) }.into());
    rows.put(Event { form: Some(FormId(1)), ..event(4) }.into());
    // Overlaps with event 1.
    rows.put(Event { starts_at: event(1).starts_at, ends_at: event(1).ends_at, ..event(5) }.into());
    rows.put(ticket_type(1).into());
    rows.put(
        TicketType { name_asked: Asked::Required, email_asked: Asked::Optional, ..ticket_type(2) }.into(),
    );
    let rule = MemberIdRule { format: Some("M[0-9]+".into()), list: None };
    rows.put(TicketType { member_id: Some(rule), ..ticket_type(3) }.into());
    let option =
        |id| FormOption { id: FormOptionId(id), name: format!("Option {id}"), value: None, position: id };
    let field = |id, kind, required| FormField {
        id: FormFieldId(id),
        label: format!("Field {id}"),
        help_text: None,
        required,
        enabled: true,
        position: id,
        kind,
        options: if kind == FieldKind::Choice { vec![option(1), option(2)] } else { Vec::new() },
    };
    let fields = vec![field(1, FieldKind::Text, true), field(2, FieldKind::Choice, false)];
    rows.put(Form { id: FormId(1), name: "Form".into(), fields }.into());
    rows.put(
        Invitation {
            id: InvitationId(1),
            event: EventId(3),
            code: "welcome".into(),
            email: None,
            max_tickets: Some(5),
            expires_at: None,
        }
        .into(),
    );
    rows.put(MembershipPlan { id: MembershipPlanId(1), name: "Club".into() }.into());
    rows.put(
        Membership {
            id: MembershipId(1),
            plan: MembershipPlanId(1),
            number: "C-1".into(),
            email: None,
            bound: false,
            starts_at: None,
            ends_at: None,
            max_uses: Some(4),
            canceled: false,
        }
        .into(),
    );
}

fn products(rows: &mut Catalog) {
    let plain = SaleRules { kind: ProductKind::Registration, ..SaleRules::default() };
    rows.put(product(variant(GA, 1_500, Some((201, 1)), Some((1, 2, 1))), plain.clone()).into());
    rows.put(product(variant(FREE, 0, Some((202, 1)), Some((1, 1, 1))), plain.clone()).into());
    rows.put(product(variant(FAMILY, 4_000, Some((201, 4)), Some((1, 2, 4))), plain.clone()).into());
    rows.put(product(variant(SECRET, 0, Some((202, 1)), Some((2, 1, 1))), plain.clone()).into());
    rows.put(product(variant(INVITED, 0, Some((203, 1)), Some((3, 1, 1))), plain.clone()).into());
    rows.put(product(variant(MEMBER, 500, Some((203, 1)), Some((5, 3, 1))), plain.clone()).into());
    let can_request = SaleRules { can_request: true, max_per_order: Some(6), ..plain.clone() };
    rows.put(product(variant(REQUEST, 0, Some((204, 1)), Some((1, 1, 1))), can_request).into());
    let later = SaleWindow { on_sale_at: Some(ON_SALE), ..SaleWindow::default() };
    let reserve = Variant { window: later, ..variant(RESERVE, 900, Some((203, 1)), Some((1, 1, 1))) };
    rows.put(product(reserve, SaleRules { can_reserve: true, ..plain.clone() }).into());
    let shirt = Variant { track_inventory: true, ..variant(SHIRT, 2_000, None, None) };
    let shirt = product(shirt, SaleRules { event: Some(EventId(1)), ..SaleRules::default() });
    rows.put(Product { shipping_category: Some(ShippingCategoryId(1)), ..shirt }.into());
    rows.put(product(variant(PARKING, 300, Some((204, 1)), None), SaleRules::default()).into());
    let addons = vec![AddOn { product: ProductId(PARKING.0), min: 0, max: Some(1) }];
    let with_parking = SaleRules { addons, ..plain.clone() };
    rows.put(product(variant(WITH_PARKING, 700, Some((202, 1)), Some((1, 1, 1))), with_parking).into());
    rows.put(product(variant(ASKED, 0, Some((202, 1)), Some((4, 1, 1))), plain.clone()).into());
    let mut master = product(variant(MASTER, 800, Some((203, 1)), Some((1, 1, 1))), plain.clone());
    master.variants = vec![
        variant(BLUE, 800, Some((203, 1)), Some((1, 1, 1))),
        variant(RED, 900, Some((203, 1)), Some((1, 2, 1))),
    ];
    rows.put(master.into());
    let club = SaleRules { membership_plans: vec![MembershipPlanId(1)], max_per_contact: Some(3), ..plain };
    rows.put(product(variant(CLUB, 0, Some((202, 1)), Some((1, 1, 1))), club).into());
    let kind = ProductKind::Membership(Some(MembershipPlanId(1)));
    rows.put(
        product(variant(CARD_OF_CLUB, 1_000, None, None), SaleRules { kind, ..SaleRules::default() }).into(),
    );
}

/// The pools and how many units they have.
pub const POOLS: [(i64, u32); 4] = [(201, 12), (202, 8), (203, 6), (204, 2)];

pub fn box_office() -> Shop {
    let mut shop = Shop::new();
    shop.channel = walking();
    events(&mut shop.catalog);
    products(&mut shop.catalog);
    for (id, size) in POOLS {
        let pool =
            Pool { id: VariantId(id), item: StockItemId(id), name: format!("Pool {id}"), size: Some(size) };
        shop.set_stock(pool.id, StockLocationId::NOWHERE, pool.units(), false);
        shop.catalog.put(pool.into());
    }
    shop.set_stock(SHIRT, MAIN, 5, false);
    shop.catalog
        .put(Customization { id: CustomizationId(1), is_default: true, ..Customization::default() }.into());
    shop.catalog.put(
        ServiceFee {
            id: ServiceFeeId(1),
            name: "Service fee".into(),
            flat: Some(Money::new(100, Currency::USD)),
            percent: Rate::percent(3),
            scope: FeeScope::Variants(vec![RED]),
            active: true,
        }
        .into(),
    );
    shop
}

/// A guest's cart, with their name.
pub fn cart(shop: &mut Shop, lines: &[(VariantId, u32)]) -> Order {
    try_cart(shop, lines).expect("a cart")
}

/// The same, if these lines can be had.
pub fn try_cart(shop: &mut Shop, lines: &[(VariantId, u32)]) -> Result<Order, refusal::Refusal> {
    let guest = GuestEdit {
        first_name: Some("Jeff".into()),
        last_name: Some("Blake".into()),
        ..GuestEdit::default()
    };
    let edit = OrderEdit {
        email: Some("jeff@example.com".into()),
        lines: lines.iter().map(|(variant, quantity)| LineChange::Add(line(*variant, *quantity))).collect(),
        ticketing: Some(Box::new(TicketingEdit { guest, ..TicketingEdit::default() })),
        ..OrderEdit::default()
    };
    let new = NewOrder { edit, ..NewOrder::default() };
    Ok(shop.run(None, Command::Create(Box::new(new)), domain::user::Who::Guest)?.order)
}

pub fn walk(to: WalkTo) -> Command {
    Command::Walk(Box::new(Walk { to, ..Walk::default() }))
}

pub fn submit(step: Step, data: StepData) -> Command {
    Command::Walk(Box::new(Walk { submit: Some((step, data)), ..Walk::default() }))
}

pub fn here(shop: &Shop, order: &Order) -> Step {
    plan::position(order, &shop.catalog, &shop.channel, shop.now)
}

pub fn steps(shop: &Shop, order: &Order) -> Vec<Step> {
    shop.channel.flow.steps_at(order, &shop.catalog, shop.now)
}

/// Data that satisfy a step, as a careful buyer gives them.
pub fn good(order: &Order, step: Step, method: PaymentMethodId) -> StepData {
    let tickets = &order.ticketing.tickets;
    match step {
        Step::Customize => StepData::Customize(
            order
                .lines
                .iter()
                .filter(|line| line.variant == MASTER)
                .map(|line| VariantChoice { line: line.id, variant: RED, quantity: None })
                .collect(),
        ),
        Step::Attendees => StepData::Attendees(
            tickets
                .iter()
                .map(|ticket| TicketEdit {
                    ticket: ticket.id,
                    name: Some(format!("Guest {}", ticket.id)),
                    email: None,
                    keep: None,
                    member_id: None,
                })
                .collect(),
        ),
        Step::Password => StepData::Passwords { each: Vec::new(), any: Some(PASSWORD.into()) },
        Step::Invite => StepData::Invitations(vec![(EventId(3), "WELCOME ".into())]),
        Step::Member => StepData::MemberIds(
            tickets
                .iter()
                .filter(|ticket| ticket.ticket_type == TicketTypeId(3))
                .map(|ticket| (ticket.id, format!("M{}", ticket.id)))
                .collect(),
        ),
        Step::Membership => StepData::Memberships(
            order
                .lines
                .iter()
                .filter(|line| line.variant == CLUB)
                .map(|line| (line.id, "c-1".into()))
                .collect(),
        ),
        Step::Address => {
            StepData::Addresses { bill: Some(Box::new(address(US))), ship: None, ship_to_bill: true }
        }
        Step::Delivery => StepData::Delivery(ShippingMethodId(1)),
        Step::Form => StepData::Answers(
            order
                .ticketing
                .responses
                .iter()
                .map(|response| ResponseEdit {
                    response: response.id,
                    answers: response
                        .answers
                        .iter()
                        .map(|answer| (answer.id, vec![answer.field.0.to_string()]))
                        .collect(),
                })
                .collect(),
        ),
        Step::Conflict => StepData::AcceptConflicts,
        Step::Payment => StepData::Payments(vec![payment(method)]),
        Step::Confirm => StepData::Confirm,
        _ => StepData::Nothing,
    }
}

/// Walks a cart as far as it goes with good data, one step at a time; the steps it stood on.
pub fn walk_through(shop: &mut Shop, order: &Order, method: PaymentMethodId) -> (Order, Vec<Step>) {
    let mut order = shop.ok(order, walk(WalkTo::Next));
    let mut stood = Vec::new();
    while order.phase == domain::order::Phase::Checkout {
        let step = here(shop, &order);
        assert!(!stood.contains(&step), "stood on {step:?} twice");
        stood.push(step);
        let data = good(&order, step, method);
        order = shop.ok(&order, submit(step, data));
    }
    (order, stood)
}
