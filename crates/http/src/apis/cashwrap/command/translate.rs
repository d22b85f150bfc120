//! From the JSON form to the domain's commands. Checks only what the domain cannot see: amounts that fit, countries
//! that are named by code, alternatives of which one must be given.

use super::input::{
    AddLineInput, AddPaymentInput, AddressInput, CommandInput, EditInput, EditShipmentInput, GoInput,
    PayActionInput, PiecesInput, ProceedInput, SelectRateInput, SetLineInput, StepInput, TransferInput,
};
use super::walk::{edit_ticket, walk};
use crate::apis::cashwrap::problem::FieldProblem;
use domain::address::AddressFields;
use domain::catalog::{Catalog, MethodKind};
use domain::channel::Step;
use domain::command::{
    AddressIdentity, Command, Go, LineEdit, Merge, Metadata, NewLine, NewPayment, NewSource, OrderEdit,
    PayAction, Proceed, RateChoice, ShipmentEdit, TransferTo,
};
use domain::money::Amount;
use domain::order::CardDetails;
use domain::{
    AddressId, CardId, LineId, PaymentId, PaymentMethodId, ReturnId, ShipmentId, ShippingMethodId,
    ShippingRateId, StockLocationId, UnitId, VariantId,
};

/// The domain's command; paths of errors are relative to the command.
///
/// # Errors
/// What is wrong with which field.
pub fn translate(input: CommandInput, catalog: &Catalog) -> Result<Command, FieldProblem> {
    let metadata = Metadata::default;
    Ok(match input {
        CommandInput::Edit(edit) => Command::Edit(Box::new(order_edit(*edit, "edit", catalog)?)),
        CommandInput::AddLine(line) => add_line(line)?,
        CommandInput::SetLine(line) => set_line(&line)?,
        CommandInput::RemoveLine(line) => Command::RemoveLine(LineId(line.line)),
        CommandInput::Empty => Command::Empty,
        CommandInput::ApplyCode(code) => Command::ApplyCode(code.code),
        CommandInput::RemoveCode(code) => Command::RemoveCode(code.code),
        CommandInput::SetAddress(set) => {
            let fields = Box::new(address(set.fields, "set_address.fields", catalog)?);
            Command::SetAddress { address: AddressId(set.address), fields, id: AddressIdentity::New }
        }
        CommandInput::Proceed(input) => Command::Proceed(Box::new(proceed(*input, catalog)?)),
        CommandInput::SelectRate(select) => select_rate(&select)?,
        CommandInput::AddPayment(payment) => {
            Command::AddPayment(Box::new(new_payment(&payment, "add_payment", catalog)?))
        }
        CommandInput::Cancel => Command::Cancel,
        CommandInput::AuthorizeReturn(back) => {
            let (location, units) = (StockLocationId(back.location), units(back.units));
            Command::AuthorizeReturn { location, memo: back.memo, units, metadata: metadata() }
        }
        CommandInput::EditPayment(edit) => {
            let amount = amount(Some(edit.amount), "edit_payment.amount")?;
            Command::EditPayment { payment: PaymentId(edit.payment), amount, metadata: metadata() }
        }
        CommandInput::Pay(pay) => {
            Command::Pay { payment: PaymentId(pay.payment), action: pay_action(pay.action) }
        }
        CommandInput::Refund(refund) => {
            let amount = bounded(refund.amount, "refund.amount")?;
            Command::Refund { payment: PaymentId(refund.payment), amount }
        }
        CommandInput::Approve => Command::Approve,
        CommandInput::Resume => Command::Resume,
        CommandInput::CreateShipment(new) => {
            let variant = new.variant.map(|variant| (VariantId(variant), new.quantity.unwrap_or(1)));
            Command::CreateShipment { location: StockLocationId(new.location), variant }
        }
        CommandInput::EditShipment(edit) => edit_shipment(edit),
        CommandInput::ReadyShipment(of) => Command::ReadyShipment(ShipmentId(of.shipment)),
        CommandInput::Ship(of) => Command::Ship(ShipmentId(of.shipment)),
        CommandInput::AddToShipment(PiecesInput { shipment, variant, quantity }) => {
            let (shipment, variant) = (ShipmentId(shipment), VariantId(variant));
            Command::AddToShipment { shipment, variant, quantity }
        }
        CommandInput::RemoveFromShipment(PiecesInput { shipment, variant, quantity }) => {
            let (shipment, variant) = (ShipmentId(shipment), VariantId(variant));
            Command::RemoveFromShipment { shipment, variant, quantity }
        }
        CommandInput::Transfer(of) => transfer(&of)?,
        CommandInput::FireUnit(fire) => Command::FireUnit { unit: UnitId(fire.unit), event: fire.event },
        CommandInput::EditReturn(edit) => {
            Command::EditReturn { id: ReturnId(edit.id), memo: Some(edit.memo), metadata: metadata() }
        }
        CommandInput::CancelReturn(of) => Command::CancelReturn(ReturnId(of.id)),
        CommandInput::RemoveReturn(of) => Command::RemoveReturn(ReturnId(of.id)),
        CommandInput::ReceiveReturn(back) => {
            let (location, units) = (StockLocationId(back.location), units(back.units));
            Command::ReceiveReturn { location, units, metadata: metadata() }
        }
        CommandInput::Walk(input) => walk(*input, catalog)?,
        CommandInput::Reclaim => Command::Reclaim,
        CommandInput::Prolong => Command::Prolong,
        CommandInput::GiveUp => Command::GiveUp,
        CommandInput::Offer => Command::Offer,
        CommandInput::Deny => Command::Deny,
        CommandInput::Void => Command::Void,
        CommandInput::CheckIn(of) => Command::CheckIn(of.id()),
        CommandInput::CheckOut(of) => Command::CheckOut(of.id()),
        CommandInput::EditTicket(edit) => edit_ticket(edit)?,
    })
}

fn add_line(line: AddLineInput) -> Result<Command, FieldProblem> {
    Ok(Command::AddLine(NewLine {
        variant: VariantId(line.variant),
        option: line.option.unwrap_or_default(),
        quantity: line.quantity,
        price: amount(line.price, "add_line.price")?,
        metadata: Metadata::default(),
        merge: Merge::WithSame,
    }))
}

fn set_line(line: &SetLineInput) -> Result<Command, FieldProblem> {
    let price = amount(line.price, "set_line.price")?;
    let edit = LineEdit { quantity: line.quantity, price, metadata: Metadata::default() };
    Ok(Command::SetLine { line: LineId(line.line), edit })
}

fn select_rate(select: &SelectRateInput) -> Result<Command, FieldProblem> {
    let choice = match (select.rate, select.method) {
        (Some(rate), None) => RateChoice::Rate(ShippingRateId(rate)),
        (None, Some(method)) => RateChoice::Method(ShippingMethodId(method)),
        _ => return Err(one_of("select_rate.rate", "`rate` or `method`")),
    };
    Ok(Command::SelectRate { shipment: ShipmentId(select.shipment), choice })
}

fn pay_action(action: PayActionInput) -> PayAction {
    match action {
        PayActionInput::Authorize => PayAction::Authorize,
        PayActionInput::Capture => PayAction::Capture,
        PayActionInput::Purchase => PayAction::Purchase,
        PayActionInput::Void => PayAction::Void,
    }
}

fn edit_shipment(edit: EditShipmentInput) -> Command {
    Command::EditShipment {
        shipment: ShipmentId(edit.shipment),
        edit: Box::new(ShipmentEdit {
            tracking: edit.tracking,
            location: edit.location.map(StockLocationId),
            rate: edit.rate.map(ShippingRateId),
            instructions: edit.instructions,
            metadata: Metadata::default(),
        }),
    }
}

fn transfer(of: &TransferInput) -> Result<Command, FieldProblem> {
    let to = match (of.to_location, of.to_shipment) {
        (Some(location), None) => TransferTo::Location(StockLocationId(location)),
        (None, Some(shipment)) => TransferTo::Shipment(ShipmentId(shipment)),
        _ => return Err(one_of("transfer.to_location", "`to_location` or `to_shipment`")),
    };
    let (from, variant) = (ShipmentId(of.from), VariantId(of.variant));
    Ok(Command::Transfer { from, variant, quantity: of.quantity, to })
}

fn units(ids: Vec<i64>) -> Vec<UnitId> {
    ids.into_iter().map(UnitId).collect()
}

fn proceed(input: ProceedInput, catalog: &Catalog) -> Result<Proceed, FieldProblem> {
    let go = match input.go {
        GoInput::Next => Go::Next,
        GoInput::Advance => Go::Advance,
        GoInput::Complete => Go::Complete,
        GoInput::Nowhere => Go::Nowhere,
    };
    let mut proceed = Proceed::only(go);
    proceed.back_to = input.back_to.map(|step| match step {
        StepInput::Cart => Step::Cart,
        StepInput::Address => Step::Address,
        StepInput::Delivery => Step::Delivery,
        StepInput::Payment => Step::Payment,
        StepInput::Confirm => Step::Confirm,
    });
    proceed.expected_total = amount(input.expected_total, "proceed.expected_total")?;
    if let Some(edit) = input.edit {
        proceed.edit = order_edit(edit, "proceed.edit", catalog)?;
    }
    if let Some(payment) = input.payment {
        proceed.payments = vec![new_payment(&payment, "proceed.payment", catalog)?];
    }
    let rates = input.rates.unwrap_or_default().into_iter();
    proceed.rates = rates.map(|rate| (ShipmentId(rate.shipment), ShippingRateId(rate.rate))).collect();
    proceed.code = input.code;
    Ok(proceed)
}

fn order_edit(input: EditInput, at: &str, catalog: &Catalog) -> Result<OrderEdit, FieldProblem> {
    let read = |given: Option<AddressInput>, name: &str| {
        given.map(|given| address(given, &format!("{at}.{name}"), catalog)).transpose()
    };
    Ok(OrderEdit {
        email: input.email,
        bill_address: read(input.bill_address, "bill_address")?,
        ship_address: read(input.ship_address, "ship_address")?,
        instructions: input.instructions,
        metadata: Metadata { customer: input.customer_metadata, admin: input.admin_metadata },
        ..OrderEdit::default()
    })
}

pub(super) fn address(
    input: AddressInput,
    at: &str,
    catalog: &Catalog,
) -> Result<AddressFields, FieldProblem> {
    let country = match input.country {
        None => None,
        Some(code) => {
            let found = catalog.settings.geography.by_code(&code.trim().to_uppercase());
            let unknown =
                || FieldProblem::new(format!("{at}.country"), "must_exist", "No country has this code.");
            Some(found.ok_or_else(unknown)?.id)
        }
    };
    Ok(AddressFields {
        name: input.name.unwrap_or_default(),
        company: input.company,
        address1: input.address1.unwrap_or_default(),
        address2: input.address2,
        city: input.city.unwrap_or_default(),
        zipcode: input.zipcode.unwrap_or_default(),
        state_name: input.state,
        country,
        phone: input.phone,
        email: input.email,
        ..AddressFields::default()
    })
}

pub(super) fn new_payment(
    input: &AddPaymentInput,
    at: &str,
    catalog: &Catalog,
) -> Result<NewPayment, FieldProblem> {
    let method = PaymentMethodId(input.method);
    let takes_cards =
        catalog.payment_methods.get(&method).is_some_and(|method| matches!(method.kind, MethodKind::Card(_)));
    let source = match input.saved_card {
        Some(card) => NewSource::Saved(CardId(card)),
        // Nothing is ever sent, so a card that opens nothing will do.
        None if takes_cards => {
            NewSource::Card(CardDetails { month: 12, year: 9999, ..CardDetails::default() })
        }
        None => NewSource::None,
    };
    let amount = amount(input.amount, &format!("{at}.amount"))?;
    Ok(NewPayment { method, amount, source, metadata: Metadata::default() })
}

pub(super) fn amount(given: Option<i64>, at: &str) -> Result<Option<Amount>, FieldProblem> {
    given.map(|minor| bounded(minor, at)).transpose()
}

fn bounded(minor: i64, at: &str) -> Result<Amount, FieldProblem> {
    let too_large = |_| FieldProblem::new(at, "too_large", "The amount is out of bounds.");
    Amount(minor).bounded().map_err(too_large)
}

fn one_of(at: &str, names: &str) -> FieldProblem {
    FieldProblem::new(at, "invalid", format!("Give {names}, one of them."))
}
