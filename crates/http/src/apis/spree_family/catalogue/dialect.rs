//! What the two dialects do differently around checkout. What they differ in elsewhere is on the family's own page,
//! and a key of a view that only one of them has is marked where it stands.
//!
//! | | Solidus | Spree |
//! | --- | --- | --- |
//! | stock locations | buyers see the active ones | staff's alone: 401 for the list, 404 for one |
//! | stock items and movements, to buyers | read, or 401 | 404 |
//! | no location named | a missing parameter | a sentence |
//! | `force` | `true` or `1` | whatever is not a no; without a count it empties the item |
//! | less than nothing in stock | a sentence | an error of the field |
//! | discontinued products, to staff | shown | shown on request |
//! | a tree of taxons | all of it | the root and its children, unless `set=nested` |
//! | a list of taxons | nested | nested, unless `without_children` |
//! | a taxon for a tree that is not there | 404 | an error of the field |
//! | deleting an account | staff, unless it has orders | also its owner, unless it has complete orders |
//! | a record that stays | a sentence | an exception |
//! | searching | `columns` | a few attributes more |

use super::base::Call;
use super::fields::Fields;
use crate::apis::spree_family::Dialect;
use crate::apis::spree_family::refuse::{Fields as Errors, Refused};
use crate::apis::spree_family::views::Below;
use axum::http::{HeaderValue, StatusCode};
use domain::catalog::Product;

impl Dialect {
    /// Whether buyers may look at stock locations and at what is there.
    pub fn shows_stock_to_buyers(self) -> bool {
        self == Dialect::Solidus
    }

    /// What is said when stock is asked for without saying where.
    pub fn no_location_named(self) -> Refused {
        match self {
            Dialect::Solidus => Refused::missing_param(self, "stock_location_id"),
            Dialect::Spree => Refused::sentence(
                StatusCode::UNPROCESSABLE_ENTITY,
                "A stock_location_id parameter must be provided in order to retrieve stock movements.",
            ),
        }
    }

    /// Whether a count is absolute.
    pub fn is_forced(self, item: Fields<'_>, call: &Call) -> bool {
        match self {
            Dialect::Solidus => item.flag("force").unwrap_or_else(|| call.flag("force")),
            Dialect::Spree => item.says_yes("force"),
        }
    }

    /// The count that is set if none was sent with `force`.
    pub fn count_unsaid(self) -> Option<i64> {
        match self {
            Dialect::Solidus => None,
            Dialect::Spree => Some(0),
        }
    }

    /// `field` holds the count that would be less than nothing.
    pub fn below_zero(self, field: &str) -> Refused {
        match self {
            Dialect::Solidus => Refused::stock_below_zero(),
            Dialect::Spree => Refused::invalid(Errors::one(field, "must be greater than or equal to 0")),
        }
    }

    /// Whether staff sees a product that was given up, without having asked for such.
    pub fn shows_given_up(self, product: &Product, call: &Call) -> bool {
        let is_given_up = product.discontinue_on.is_some_and(|until| until <= call.now);
        self == Dialect::Solidus || !is_given_up || call.flag("show_discontinued")
    }

    /// How much of a tree is shown that is asked for by itself.
    pub fn below_a_root(self, call: &Call) -> Below {
        match self {
            Dialect::Spree if call.params.text("set") != Some("nested") => Below::Children,
            _ => Below::All,
        }
    }

    /// How much is shown below the taxons of a list.
    pub fn below_a_taxon(self, call: &Call) -> Below {
        match self {
            Dialect::Spree if call.flag("without_children") => Below::Nothing,
            _ => Below::All,
        }
    }

    /// What is said of the tree that a new taxon was to grow in.
    pub fn no_such_tree(self) -> Refused {
        match self {
            Dialect::Solidus => Refused::not_found(),
            Dialect::Spree => Refused::invalid(Errors::one("taxonomy_id", "Invalid taxonomy id.")),
        }
    }

    /// Whether people may delete their own accounts.
    pub fn lets_people_go(self) -> bool {
        self == Dialect::Spree
    }

    /// Whether orders that were never completed keep their account from being deleted.
    pub fn carts_keep_accounts(self) -> bool {
        self == Dialect::Solidus
    }

    /// What is said of an account whose orders keep it.
    pub fn has_ordered(self) -> Refused {
        match self {
            Dialect::Solidus => self.cannot_delete(),
            Dialect::Spree => Refused::exception("Spree::Core::DestroyWithOrdersError"),
        }
    }

    /// What is said of a record that others stand on.
    pub fn cannot_delete(self) -> Refused {
        match self {
            Dialect::Solidus => Refused::cannot_delete(),
            Dialect::Spree => Refused::exception("Cannot delete record."),
        }
    }

    /// The headers by which one address has several answers, so that caches can tell callers apart.
    pub fn vary(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Dialect::Solidus => "Authorization, X-Spree-Order-Token",
            Dialect::Spree => "X-Spree-Token, Authorization, X-Spree-Order-Token",
        })
    }
}
