//! Ways in which a step of a provider checkout is refused.

use crate::money::Amount;
use crate::order::Stage;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderRefusal {
    /// Another step comes first: the one that leads to this stage.
    #[error("the step before is to be made first")]
    OutOfOrder(Stage),
    #[error("the checkout session is over")]
    SessionOver,
    /// The order was placed by this session, with other figures.
    #[error("the order is complete already, with other figures")]
    PaidOtherwise,
    /// Never empty.
    #[error("the provider's data do not fit the order")]
    Faults(Vec<ProviderFault>),
}

/// One thing that is wrong with what a provider sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderFault {
    /// Not active, or not there.
    NoSuchProvider,
    WrongToken,
    WrongConversation,
    /// The proof was used for other data in this session.
    ShipAddressProof,
    BillAddressProof,
    /// There is no agreement of this code.
    NoSuchTerms,
    /// The way of delivery is not offered to this address.
    NoSuchDelivery,
    NotAgreed,
    NotPaid,
    NegativeInterest,
    /// What was paid for is not what is in the basket, or was in it when the session began.
    BasketChanged,
    NotTheTotal {
        expected: Amount,
    },
}
