//! The seven pages of the protocol, by name; which one a request is, and which one its answer shows.

use super::check::Errors;
use super::tongue::Say;
use crate::kit::Params;
use domain::order::{Order, Stage};

/// A page. The last one is only ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Index,
    Selection,
    Address,
    ShippingOption,
    AgreementList,
    Notification,
    ThankYou,
}

/// The pages that are posted, with their two names.
const POSTED: [(Page, &str, &str); 6] = [
    (Page::Index, "CheckoutProviderIndexPage", "index"),
    (Page::Selection, "CheckoutProviderSelectionPage", "selection"),
    (Page::Address, "CheckoutProviderAddressSelectionPage", "address"),
    (Page::ShippingOption, "CheckoutProviderShippingOptionPage", "shipping"),
    (Page::AgreementList, "CheckoutProviderAgreementListPage", "agreement"),
    (Page::Notification, "CheckoutProviderNotificationPage", "notification"),
];

impl Page {
    pub fn name(self) -> &'static str {
        let posted = POSTED.iter().find(|(page, ..)| *page == self);
        posted.map_or("CheckoutProviderThankYouPage", |(_, name, _)| *name)
    }

    /// The page whose context a success of this one carries.
    pub fn next(self) -> Page {
        let at = POSTED.iter().position(|(page, ..)| *page == self).map_or(POSTED.len(), |at| at + 1);
        POSTED.get(at).map_or(Page::ThankYou, |(page, ..)| *page)
    }

    /// The shopper's browser posts the first two pages, the provider's server the others.
    pub fn is_shoppers(self) -> bool {
        matches!(self, Page::Index | Page::Selection)
    }

    /// What comes next for this basket.
    pub fn expected(order: Option<&Order>) -> Page {
        match order.and_then(|order| order.provider.as_ref()).map(|provider| provider.stage()) {
            None => Page::Index,
            Some(Stage::Begun) => Page::Selection,
            Some(Stage::Started) => Page::Address,
            Some(Stage::Addressed) => Page::ShippingOption,
            Some(Stage::TermsListed) => Page::AgreementList,
            Some(Stage::TermsShown | Stage::Paid) => Page::Notification,
        }
    }

    /// The page a request names: in its address, else in its body by either name.
    ///
    /// # Errors
    /// `page`, if there is no such page to post.
    pub fn asked(query: &Params, body: &Params) -> Result<Option<Page>, Errors> {
        if let Some(name) = query.get("page") {
            let name = name.text().unwrap_or_default();
            return full(name).map(Some).ok_or_else(|| no_page(name));
        }
        let Some(given) = body.get("_page") else { return Ok(None) };
        let name = given.text().unwrap_or_default();
        let short = POSTED.iter().find(|(_, _, short)| *short == name).map(|(page, ..)| *page);
        short.or_else(|| full(name)).map(Some).ok_or_else(|| no_page(name))
    }
}

fn full(name: &str) -> Option<Page> {
    POSTED.iter().find(|(_, full, _)| *full == name).map(|(page, ..)| *page)
}

fn no_page(name: &str) -> Errors {
    let shown: String = name.chars().take(64).collect();
    Errors::one("page", Say::NotChoice(shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Value;

    fn params(key: &str, value: &str) -> Params {
        let mut params = Params::default();
        params.insert(key, Value::from(value));
        params
    }

    #[test]
    fn pages_follow_each_other() {
        let mut names = vec![Page::Index];
        while let Some(last) = names.last().copied().filter(|page| *page != Page::ThankYou) {
            names.push(last.next());
        }
        assert_eq!(names.len(), 7);
        assert_eq!(Page::ThankYou.name(), "CheckoutProviderThankYouPage");
    }

    #[test]
    fn the_address_names_the_page_before_the_body_does() {
        let (none, by_body) = (Params::default(), params("_page", "shipping"));
        let asked = |query: &Params, body: &Params| Page::asked(query, body).map_err(|_| ());
        assert_eq!(asked(&none, &none), Ok(None));
        assert_eq!(asked(&none, &by_body), Ok(Some(Page::ShippingOption)));
        assert_eq!(asked(&params("page", "CheckoutProviderIndexPage"), &by_body), Ok(Some(Page::Index)));
        assert_eq!(
            asked(&none, &params("_page", "CheckoutProviderAddressSelectionPage")),
            Ok(Some(Page::Address))
        );
        for wrong in ["", "index", "CheckoutProviderThankYouPage", "checkoutproviderindexpage"] {
            assert_eq!(asked(&params("page", wrong), &by_body), Err(()), "{wrong}");
        }
        assert_eq!(asked(&none, &params("_page", "thankyou")), Err(()));
    }
}
