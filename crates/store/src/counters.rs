//! Which ids a stored thing uses, so that the counters never hand them out again.
//!
//! Most ids are drawn from the counters themselves; a store file or an import may bring its own. Storing a thing
//! therefore lifts the counters of its kinds above the ids in it.

use domain::IdKind;
use domain::catalog::{Catalog, Entity, Form, PaymentRules, Product};

/// The kind's number in the store.
pub(crate) fn number_of(kind: IdKind) -> i64 {
    IdKind::ALL.iter().zip(0..).find(|(known, _)| **known == kind).map_or(-1, |(_, number)| number)
}

/// The highest id of each kind in an entity.
pub(crate) fn ids_in(entity: &Entity) -> Vec<(IdKind, i64)> {
    let own = |kind| vec![(kind, entity.id())];
    match entity {
        Entity::Product(product) => ids_in_product(product),
        Entity::OptionType(option_type) => {
            let values = option_type.values.iter().map(|value| value.id.0).max();
            own(IdKind::OptionType).into_iter().chain(values.map(|id| (IdKind::OptionValue, id))).collect()
        }
        Entity::Zone(zone) => {
            let members = zone.members.iter().map(|member| member.id).max();
            own(IdKind::Zone).into_iter().chain(members.map(|id| (IdKind::ZoneMember, id))).collect()
        }
        Entity::Property(_) => own(IdKind::Property),
        Entity::Taxonomy(_) => own(IdKind::Taxonomy),
        Entity::Taxon(_) | Entity::Shelf(_) => own(IdKind::Taxon),
        Entity::StockLocation(_) => own(IdKind::StockLocation),
        Entity::TaxCategory(_) => own(IdKind::TaxCategory),
        Entity::TaxRate(_) => own(IdKind::TaxRate),
        Entity::ShippingCategory(_) => own(IdKind::ShippingCategory),
        Entity::ShippingMethod(_) => own(IdKind::ShippingMethod),
        Entity::Promotion(_) => own(IdKind::Promotion),
        Entity::PaymentMethod(_) => own(IdKind::PaymentMethod),
        // There is one, and its number is not drawn.
        Entity::PaymentRules(_) => Vec::new(),
        Entity::Storefront(_) => own(IdKind::Storefront),
        Entity::Event(_) => own(IdKind::Event),
        Entity::Venue(_) => own(IdKind::Venue),
        Entity::EventCategory(_) => own(IdKind::EventCategory),
        Entity::TicketType(_) => own(IdKind::TicketType),
        Entity::Form(form) => ids_in_form(form),
        Entity::OrderForm(form) => {
            let conditions = form.conditions.iter().map(|condition| condition.id.0).max();
            own(IdKind::OrderForm).into_iter().chain(conditions.map(|id| (IdKind::Condition, id))).collect()
        }
        Entity::Invitation(_) => own(IdKind::Invitation),
        Entity::MembershipPlan(_) => own(IdKind::MembershipPlan),
        Entity::Membership(_) => own(IdKind::Membership),
        Entity::Pool(_) => own(IdKind::Variant),
        Entity::ServiceFee(_) => own(IdKind::ServiceFee),
        Entity::Customization(_) => own(IdKind::Customization),
        Entity::CheckoutProvider(_) => own(IdKind::Provider),
        Entity::Agreement(_) => own(IdKind::Agreement),
        Entity::Webhook(_) => own(IdKind::Webhook),
    }
}

fn ids_in_product(product: &Product) -> Vec<(IdKind, i64)> {
    let variants = product.all_variants().map(|variant| variant.id.0).max();
    let images = product.all_variants().flat_map(|variant| &variant.images).map(|image| image.id.0).max();
    std::iter::once((IdKind::Product, product.id.0))
        .chain(variants.map(|id| (IdKind::Variant, id)))
        .chain(images.map(|id| (IdKind::Image, id)))
        .collect()
}

fn ids_in_form(form: &Form) -> Vec<(IdKind, i64)> {
    let fields = form.fields.iter().map(|field| field.id.0).max();
    let options = form.fields.iter().flat_map(|field| &field.options).map(|option| option.id.0).max();
    std::iter::once((IdKind::Form, form.id.0))
        .chain(fields.map(|id| (IdKind::FormField, id)))
        .chain(options.map(|id| (IdKind::FormOption, id)))
        .collect()
}

/// Every row of a catalogue as an entity.
pub(crate) fn entities_of(catalog: &Catalog) -> Vec<Entity> {
    fn rows<K: Ord + Clone, V: Clone + Into<Entity>>(
        rows: &imbl::OrdMap<K, std::sync::Arc<V>>,
    ) -> impl Iterator<Item = Entity> {
        rows.values().map(|row| V::clone(row).into())
    }
    rows(&catalog.products)
        .chain(rows(&catalog.option_types))
        .chain(rows(&catalog.properties))
        .chain(rows(&catalog.taxonomies))
        .chain(rows(&catalog.taxons))
        .chain(rows(&catalog.shelves))
        .chain(rows(&catalog.stock_locations))
        .chain(rows(&catalog.zones))
        .chain(rows(&catalog.tax_categories))
        .chain(rows(&catalog.tax_rates))
        .chain(rows(&catalog.shipping_categories))
        .chain(rows(&catalog.shipping_methods))
        .chain(rows(&catalog.promotions))
        .chain(rows(&catalog.payment_methods))
        .chain(
            (*catalog.payment_rules != PaymentRules::default())
                .then(|| PaymentRules::clone(&catalog.payment_rules).into()),
        )
        .chain(rows(&catalog.storefronts))
        .chain(rows(&catalog.webhooks))
        .chain(rows(&catalog.checkout_providers))
        .chain(rows(&catalog.agreements))
        .chain(catalog.ticketing.entities())
        .collect()
}
