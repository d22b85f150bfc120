//! The JSON form of commands: `{"add_line": {"variant": 1, "quantity": 2}}`, `"cancel"`.
//!
//! One key names the command and holds its data; a command without data is its name alone. Amounts are whole minor
//! units of the order's currency. A field that is not listed here is refused by its name.

use super::walk::{TicketEditInput, TicketInput, WalkInput};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What to preview: one command, or several in turn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    pub command: Option<CommandInput>,
    /// Each is looked at on the order that the one before it left.
    pub commands: Option<Vec<CommandInput>>,
    /// The channel that would ask; absent: the one that began the order.
    pub via: Option<String>,
}

/// A command. Those that only staff may send say so.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandInput {
    /// Changes data of the order.
    Edit(Box<EditInput>),
    AddLine(AddLineInput),
    SetLine(SetLineInput),
    RemoveLine(LineInput),
    /// Removes everything from the cart.
    Empty,
    ApplyCode(CodeInput),
    RemoveCode(CodeInput),
    /// Replaces one address of the order, named by its id.
    SetAddress(Box<SetAddressInput>),
    /// Goes on in the checkout, perhaps with data.
    Proceed(Box<ProceedInput>),
    SelectRate(SelectRateInput),
    AddPayment(AddPaymentInput),
    Cancel,
    /// Asks to send shipped pieces back.
    AuthorizeReturn(AuthorizeReturnInput),
    /// Staff.
    EditPayment(PaymentAmountInput),
    /// Staff.
    Pay(PayInput),
    /// Staff.
    Refund(PaymentAmountInput),
    /// Staff.
    Approve,
    /// Staff.
    Resume,
    /// Staff.
    CreateShipment(CreateShipmentInput),
    /// Staff.
    EditShipment(EditShipmentInput),
    /// Staff.
    ReadyShipment(ShipmentInput),
    /// Staff.
    Ship(ShipmentInput),
    /// Staff.
    AddToShipment(PiecesInput),
    /// Staff.
    RemoveFromShipment(PiecesInput),
    /// Staff.
    Transfer(TransferInput),
    /// Staff.
    FireUnit(FireUnitInput),
    /// Staff.
    EditReturn(EditReturnInput),
    /// Staff.
    CancelReturn(ReturnInput),
    /// Staff.
    RemoveReturn(ReturnInput),
    /// Staff.
    ReceiveReturn(ReceiveReturnInput),
    /// Data for one of the steps an order needs, and a move.
    Walk(Box<WalkInput>),
    /// Takes what an expired order held once more.
    Reclaim,
    /// Prolongs the hold once more.
    Prolong,
    /// Gives up an order that was never placed.
    GiveUp,
    /// Staff: offers stock to an order on the wait list.
    Offer,
    /// Staff: takes an order off the wait list.
    Deny,
    /// Staff: takes a placed order back as if it had never been.
    Void,
    /// Staff.
    CheckIn(TicketInput),
    /// Staff.
    CheckOut(TicketInput),
    /// Staff.
    EditTicket(TicketEditInput),
}

macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind),* }
    )*};
}

inputs! {
    EditInput {
        email: Option<String>,
        /// Replaces the whole address.
        bill_address: Option<AddressInput>,
        /// Replaces the whole address.
        ship_address: Option<AddressInput>,
        instructions: Option<String>,
        #[schema(value_type = Option<Object>)]
        customer_metadata: Option<Map<String, Value>>,
        /// Staff.
        #[schema(value_type = Option<Object>)]
        admin_metadata: Option<Map<String, Value>>,
    }
    AddressInput {
        name: Option<String>,
        company: Option<String>,
        address1: Option<String>,
        address2: Option<String>,
        city: Option<String>,
        zipcode: Option<String>,
        /// Code or name.
        state: Option<String>,
        /// ISO 3166 alpha-2.
        country: Option<String>,
        phone: Option<String>,
        email: Option<String>,
    }
    AddLineInput {
        variant: i64,
        /// Key of the price option; absent: the plain price.
        option: Option<String>,
        quantity: u32,
        /// Staff. Minor units.
        price: Option<i64>,
    }
    SetLineInput {
        line: i64,
        /// 0 removes the line.
        quantity: Option<u32>,
        /// Staff. Minor units.
        price: Option<i64>,
    }
    LineInput { line: i64 }
    CodeInput { code: String }
    SetAddressInput { address: i64, fields: AddressInput }
    ProceedInput {
        go: GoInput,
        /// Sets the position first; only earlier or equal steps.
        back_to: Option<StepInput>,
        /// Refused unless the total is this. Minor units.
        expected_total: Option<i64>,
        edit: Option<EditInput>,
        payment: Option<AddPaymentInput>,
        rates: Option<Vec<RateInput>>,
        code: Option<String>,
    }
    RateInput { shipment: i64, rate: i64 }
    SelectRateInput {
        shipment: i64,
        /// One of `rate` and `method`.
        rate: Option<i64>,
        method: Option<i64>,
    }
    /// A payment. A card method is previewed with a stand-in unless a saved card is named: no card data is taken here.
    AddPaymentInput {
        method: i64,
        /// Minor units; absent: what is still to be paid.
        amount: Option<i64>,
        /// Id of a saved card of the order's customer.
        saved_card: Option<i64>,
    }
    PaymentAmountInput {
        payment: i64,
        /// Minor units.
        amount: i64,
    }
    PayInput { payment: i64, action: PayActionInput }
    CreateShipmentInput { location: i64, variant: Option<i64>, quantity: Option<u32> }
    EditShipmentInput {
        shipment: i64,
        tracking: Option<String>,
        location: Option<i64>,
        rate: Option<i64>,
        instructions: Option<String>,
    }
    ShipmentInput { shipment: i64 }
    PiecesInput { shipment: i64, variant: i64, quantity: u32 }
    TransferInput {
        from: i64,
        variant: i64,
        quantity: u32,
        /// One of `to_location` and `to_shipment`.
        to_location: Option<i64>,
        to_shipment: Option<i64>,
    }
    FireUnitInput {
        unit: i64,
        /// `ship`, `cancel`, `return`, `fill_backorder`.
        event: String,
    }
    AuthorizeReturnInput { location: i64, memo: Option<String>, units: Vec<i64> }
    EditReturnInput { id: i64, memo: String }
    ReturnInput { id: i64 }
    ReceiveReturnInput { location: i64, units: Vec<i64> }
}

/// How far to go.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoInput {
    /// One step.
    Next,
    /// As many steps as possible.
    Advance,
    /// Places the order.
    Complete,
    Nowhere,
}

/// Steps that an order can be set back to.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepInput {
    Cart,
    Address,
    Delivery,
    Payment,
    Confirm,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayActionInput {
    Authorize,
    Capture,
    Purchase,
    Void,
}
