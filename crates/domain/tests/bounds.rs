//! Hostile quantities and prices: every bound is a refusal that names it, never a panic and never a wrapped sum.

mod common;

use common::*;
use domain::VariantId;
use domain::command::*;
use domain::limits;
use domain::money::Amount;
use domain::order::Order;
use domain::refusal::{FieldError, Refusal, Rule};

fn at_most(field: &str, maximum: u32) -> Refusal {
    Refusal::Invalid(vec![FieldError::new(field, Rule::AtMost(i64::from(maximum)))])
}

fn too_many_pieces() -> Refusal {
    Refusal::TooMany(format!("pieces (at most {})", limits::PIECES))
}

fn more(variant: VariantId, quantity: u32) -> NewLine {
    NewLine { merge: Merge::Never, ..line(variant, quantity) }
}

/// A cart of as many pieces as one order may have, less `room`; all of them of things that ship nothing.
fn full_cart(shop: &mut Shop, room: u32) -> Order {
    let mut left = u32::try_from(limits::PIECES).expect("pieces are counted in 32 bits") - room;
    let mut lines = Vec::new();
    while left > 0 {
        let quantity = left.min(limits::QUANTITY);
        lines.push(LineChange::Add(more(DOWNLOAD, quantity)));
        left -= quantity;
    }
    let edit = OrderEdit { lines, ..OrderEdit::default() };
    let cart = shop.cart(&[]);
    shop.ok(&cart, Command::Edit(Box::new(edit)))
}

#[test]
fn a_line_has_a_bound() {
    let mut shop = Shop::new();
    let cart = shop.cart(&[(DOWNLOAD, limits::QUANTITY)]);
    for quantity in [limits::QUANTITY + 1, u32::MAX] {
        let (refusal, _) = shop.refused(&cart, Command::AddLine(more(DOWNLOAD, quantity)));
        assert_eq!(refusal, at_most("quantity", limits::QUANTITY));
        let edit = LineEdit { quantity: Some(quantity), ..LineEdit::default() };
        let (refusal, _) = shop.refused(&cart, Command::SetLine { line: cart.lines[0].id, edit });
        assert_eq!(refusal, at_most("quantity", limits::QUANTITY));
    }
    for quantity in [1, u32::MAX] {
        let (refusal, _) = shop.refused(&cart, Command::AddLine(line(DOWNLOAD, quantity)));
        assert_eq!(refusal, at_most("quantity", limits::QUANTITY), "added to the line that is there");
    }
}

#[test]
fn an_order_has_a_bound() {
    let mut shop = Shop::new();
    let full = full_cart(&mut shop, 0);
    assert_eq!(full.total_quantity(), limits::PIECES);
    assert_eq!(shop.refused(&full, Command::AddLine(more(DOWNLOAD, 1))).0, too_many_pieces());
    let fewer = LineEdit { quantity: Some(1), ..LineEdit::default() };
    let less = shop.ok(&full, Command::SetLine { line: full.lines[0].id, edit: fewer });
    assert_eq!(shop.ok(&less, Command::AddLine(more(DOWNLOAD, 1))).lines.len(), full.lines.len() + 1);
}

#[test]
fn pieces_that_staff_put_into_a_shipment_are_bounded_too() {
    let mut shop = Shop::new();
    shop.set_stock(MUG, MAIN, 1_000_000_000, false);
    let order = full_cart(&mut shop, 2);
    let order = shop.staff(&order, Command::CreateShipment { location: MAIN, variant: Some((MUG, 1)) });
    let shipment = order.shipments[0].id;
    let add = |variant, quantity| Command::AddToShipment { shipment, variant, quantity };
    let refused = |command| shop.ask(Some(&order), command, STAFF).err();
    assert_eq!(refused(add(MUG, 2)), Some(too_many_pieces()));
    assert_eq!(refused(add(BOOK, 2)), Some(too_many_pieces()));
    assert_eq!(refused(add(MUG, u32::MAX)), Some(at_most("quantity", limits::QUANTITY)));
    assert_eq!(refused(add(BOOK, u32::MAX)), Some(at_most("quantity", limits::QUANTITY)));
    let another = Command::CreateShipment { location: MAIN, variant: Some((MUG, 2)) };
    assert_eq!(refused(another), Some(too_many_pieces()));
    let transfer = Command::Transfer {
        from: shipment,
        variant: MUG,
        quantity: u32::MAX,
        to: TransferTo::Location(ANNEX),
    };
    assert_eq!(refused(transfer), Some(at_most("quantity", 1)));
    assert_eq!(refused(add(MUG, 1)), None);
}

#[test]
fn a_placed_order_grows_no_further_either() {
    let mut shop = Shop::new();
    let mut order = full_cart(&mut shop, 0);
    while order.at != domain::channel::Step::Payment {
        order = shop.ok(&order, next());
    }
    order = shop.ok(&order, Command::AddPayment(Box::new(payment(CHECK))));
    order = shop.ok(&order, next());
    let placed = shop.ok(&order, go(Go::Complete));
    let refused = shop.ask(Some(&placed), Command::AddLine(more(DOWNLOAD, 1)), STAFF).err();
    assert_eq!(refused, Some(too_many_pieces()));
}

#[test]
fn price_times_quantity_is_refused_before_it_wraps() {
    let mut shop = Shop::new();
    let cart = shop.cart(&[]);
    for (price, quantity) in [(Amount::MAX.0, 2), (Amount::MAX.0, limits::QUANTITY), (100_000_001, 1_000_000)]
    {
        let dear = NewLine { price: Some(usd(price)), ..line(DOWNLOAD, quantity) };
        assert_eq!(shop.ask(Some(&cart), Command::AddLine(dear), STAFF).err(), Some(Refusal::TooLarge));
    }
    for price in [Amount::MAX.0 + 1, i64::MAX] {
        let dear = NewLine { price: Some(usd(price)), ..line(DOWNLOAD, 1) };
        assert_eq!(shop.ask(Some(&cart), Command::AddLine(dear), STAFF).err(), Some(Refusal::TooLarge));
    }
    let dearest = NewLine { price: Some(Amount::MAX), ..line(DOWNLOAD, 1) };
    let order = shop.staff(&cart, Command::AddLine(dearest.clone()));
    let twice = NewLine { merge: Merge::Never, ..dearest };
    let refused = shop.ask(Some(&order), Command::AddLine(twice), STAFF).err();
    assert_eq!(refused, Some(Refusal::TooLarge), "the sum is bounded as its parts are");
}

#[test]
fn an_import_packs_no_more_than_its_lines_have() {
    let shop = Shop::new();
    let shipment = |count| ImportedShipment {
        tracking: None,
        cost: usd(0),
        location: MAIN,
        method: domain::ShippingMethodId(1),
        units: vec![(MUG, count)],
        shipped_at: None,
    };
    for counts in [vec![3], vec![u32::MAX], vec![2, 1], vec![1, u32::MAX]] {
        let shipments = counts.iter().map(|count| shipment(*count)).collect();
        let import = Import { shipments: Some(shipments), ..Import::default() };
        let edit = OrderEdit { lines: vec![LineChange::Add(line(MUG, 2))], ..OrderEdit::default() };
        let new = NewOrder { edit, import: Some(import), ..NewOrder::default() };
        let refused = shop.ask(None, Command::Create(Box::new(new)), STAFF).err();
        let expected = FieldError::new("shipments.inventory_units", Rule::DoesNotMatch);
        assert_eq!(refused, Some(Refusal::Invalid(vec![expected])), "{counts:?}");
    }
}

#[test]
fn lines_are_bounded() {
    let mut shop = Shop::new();
    let cart = shop.cart(&[]);
    let adds = |count: usize| {
        let lines = (0..count).map(|_| LineChange::Add(more(DOWNLOAD, 1))).collect();
        Command::Edit(Box::new(OrderEdit { lines, ..OrderEdit::default() }))
    };
    let most = shop.ok(&cart, adds(limits::LINES));
    assert_eq!(most.lines.len(), limits::LINES);
    let expected = Refusal::TooMany(format!("lines (at most {})", limits::LINES));
    assert_eq!(shop.refused(&cart, adds(limits::LINES + 1)).0, expected);
    assert_eq!(shop.refused(&most, Command::AddLine(more(DOWNLOAD, 1))).0, expected);

    let put = Command::CreateShipment { location: MAIN, variant: Some((MUG, 1)) };
    assert_eq!(shop.ask(Some(&most), put, STAFF).err(), Some(expected));
}
