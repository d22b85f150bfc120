//! The snapshot itself: persistent maps by id, with the indexes lookups need.
//!
//! `with` and `without` return a new snapshot that shares all that did not change.

use super::{
    Agreement, CheckoutProvider, Entity, EntityKind, Geography, OptionType, PaymentMethod, PaymentRules,
    Product, Promotion, Property, Shelf, ShippingCategory, ShippingMethod, StockLocation, TaxCategory,
    TaxRate, Taxon, Taxonomy, Ticketing, Variant, Webhook, Zone,
};
use crate::channel::{Channel, ChannelKey};
use crate::money::Currency;
use crate::{
    AgreementId, OptionTypeId, PaymentMethodId, ProductId, PromotionId, PropertyId, ProviderId,
    ShippingCategoryId, ShippingMethodId, StockLocationId, StorefrontId, TaxCategoryId, TaxRateId, TaxonId,
    TaxonomyId, VariantId, WebhookId, ZoneId,
};
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Rows<K, V> = OrdMap<K, Arc<V>>;

/// The shop as a whole, and what its APIs say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storefront {
    pub id: StorefrontId,
    pub name: String,
    pub code: String,
    pub url: String,
    pub mail_from: String,
    #[serde(default)]
    pub seo_title: Option<String>,
    #[serde(default)]
    pub meta_description: Option<String>,
    #[serde(default)]
    pub meta_keywords: Option<String>,
    pub default_currency: Currency,
    /// Whether a key alone opens no order, because several currencies are sold. `None`: if a channel sells several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_currency: Option<bool>,
    #[serde(default)]
    pub is_default: bool,
}

/// What is configured, not stored: the channels, the default currency and country, the world.
#[derive(Debug)]
pub struct Settings {
    pub currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub default_country: String,
    pub channels: Vec<Channel>,
    pub geography: Geography,
}

impl Settings {
    pub fn channel(&self, key: &ChannelKey) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.key == *key)
    }
}

#[derive(Debug, Clone)]
pub struct Catalog {
    pub settings: Arc<Settings>,
    pub products: Rows<ProductId, Product>,
    pub option_types: Rows<OptionTypeId, OptionType>,
    pub properties: Rows<PropertyId, Property>,
    pub taxonomies: Rows<TaxonomyId, Taxonomy>,
    pub taxons: Rows<TaxonId, Taxon>,
    pub shelves: Rows<TaxonId, Shelf>,
    pub stock_locations: Rows<StockLocationId, StockLocation>,
    pub zones: Rows<ZoneId, Zone>,
    pub tax_categories: Rows<TaxCategoryId, TaxCategory>,
    pub tax_rates: Rows<TaxRateId, TaxRate>,
    pub shipping_categories: Rows<ShippingCategoryId, ShippingCategory>,
    pub shipping_methods: Rows<ShippingMethodId, ShippingMethod>,
    pub promotions: Rows<PromotionId, Promotion>,
    pub payment_methods: Rows<PaymentMethodId, PaymentMethod>,
    pub payment_rules: Arc<PaymentRules>,
    pub storefronts: Rows<StorefrontId, Storefront>,
    pub webhooks: Rows<WebhookId, Webhook>,
    pub ticketing: Ticketing,
    pub checkout_providers: Rows<ProviderId, CheckoutProvider>,
    pub agreements: Rows<AgreementId, Agreement>,
    owner_of_variant: OrdMap<VariantId, ProductId>,
    by_taxon: OrdMap<TaxonId, OrdSet<ProductId>>,
    by_slug: OrdMap<String, ProductId>,
    by_sku: OrdMap<String, VariantId>,
    by_price_key: OrdMap<String, VariantId>,
    by_code: OrdMap<String, Vec<PromotionId>>,
}

impl Catalog {
    pub fn empty(settings: Arc<Settings>) -> Catalog {
        Catalog {
            settings,
            products: OrdMap::new(),
            option_types: OrdMap::new(),
            properties: OrdMap::new(),
            taxonomies: OrdMap::new(),
            taxons: OrdMap::new(),
            shelves: OrdMap::new(),
            stock_locations: OrdMap::new(),
            zones: OrdMap::new(),
            tax_categories: OrdMap::new(),
            tax_rates: OrdMap::new(),
            shipping_categories: OrdMap::new(),
            shipping_methods: OrdMap::new(),
            promotions: OrdMap::new(),
            payment_methods: OrdMap::new(),
            payment_rules: Arc::default(),
            storefronts: OrdMap::new(),
            webhooks: OrdMap::new(),
            ticketing: Ticketing::default(),
            checkout_providers: OrdMap::new(),
            agreements: OrdMap::new(),
            owner_of_variant: OrdMap::new(),
            by_taxon: OrdMap::new(),
            by_slug: OrdMap::new(),
            by_sku: OrdMap::new(),
            by_price_key: OrdMap::new(),
            by_code: OrdMap::new(),
        }
    }

    /// This snapshot with one row added or replaced.
    #[must_use]
    pub fn with(mut self, entity: Entity) -> Catalog {
        self.put(entity);
        self
    }

    /// Adds or replaces one row in place.
    pub fn put(&mut self, entity: Entity) {
        match entity {
            Entity::Product(row) => self.put_product(*row),
            Entity::Promotion(row) => self.put_promotion(*row),
            Entity::OptionType(row) => drop(self.option_types.insert(row.id, Arc::new(*row))),
            Entity::Property(row) => drop(self.properties.insert(row.id, Arc::new(*row))),
            Entity::Taxonomy(row) => drop(self.taxonomies.insert(row.id, Arc::new(*row))),
            Entity::Taxon(row) => drop(self.taxons.insert(row.id, Arc::new(*row))),
            Entity::Shelf(row) => drop(self.shelves.insert(row.id, Arc::new(*row))),
            Entity::StockLocation(row) => drop(self.stock_locations.insert(row.id, Arc::new(*row))),
            Entity::Zone(row) => drop(self.zones.insert(row.id, Arc::new(*row))),
            Entity::TaxCategory(row) => drop(self.tax_categories.insert(row.id, Arc::new(*row))),
            Entity::TaxRate(row) => drop(self.tax_rates.insert(row.id, Arc::new(*row))),
            Entity::ShippingCategory(row) => drop(self.shipping_categories.insert(row.id, Arc::new(*row))),
            Entity::ShippingMethod(row) => drop(self.shipping_methods.insert(row.id, Arc::new(*row))),
            Entity::PaymentMethod(row) => drop(self.payment_methods.insert(row.id, Arc::new(*row))),
            Entity::PaymentRules(row) => self.payment_rules = Arc::new(*row),
            Entity::Storefront(row) => drop(self.storefronts.insert(row.id, Arc::new(*row))),
            Entity::Webhook(row) => drop(self.webhooks.insert(row.id, Arc::new(*row))),
            Entity::CheckoutProvider(row) => drop(self.checkout_providers.insert(row.id, Arc::new(*row))),
            Entity::Agreement(row) => drop(self.agreements.insert(row.id, Arc::new(*row))),
            other => self.ticketing.put(other),
        }
    }

    /// Removes one row in place; removing what is not there does nothing.
    pub fn remove(&mut self, kind: EntityKind, id: i64) {
        match kind {
            EntityKind::Product => {
                if let Some(product) = self.products.remove(&ProductId(id)) {
                    self.unindex_product(&product);
                }
            }
            EntityKind::Promotion => {
                if let Some(promotion) = self.promotions.remove(&PromotionId(id)) {
                    self.unindex_promotion(&promotion);
                }
            }
            EntityKind::OptionType => drop(self.option_types.remove(&OptionTypeId(id))),
            EntityKind::Property => drop(self.properties.remove(&PropertyId(id))),
            EntityKind::Taxonomy => drop(self.taxonomies.remove(&TaxonomyId(id))),
            EntityKind::Taxon => drop(self.taxons.remove(&TaxonId(id))),
            EntityKind::Shelf => drop(self.shelves.remove(&TaxonId(id))),
            EntityKind::StockLocation => drop(self.stock_locations.remove(&StockLocationId(id))),
            EntityKind::Zone => drop(self.zones.remove(&ZoneId(id))),
            EntityKind::TaxCategory => drop(self.tax_categories.remove(&TaxCategoryId(id))),
            EntityKind::TaxRate => drop(self.tax_rates.remove(&TaxRateId(id))),
            EntityKind::ShippingCategory => drop(self.shipping_categories.remove(&ShippingCategoryId(id))),
            EntityKind::ShippingMethod => drop(self.shipping_methods.remove(&ShippingMethodId(id))),
            EntityKind::PaymentMethod => drop(self.payment_methods.remove(&PaymentMethodId(id))),
            EntityKind::PaymentRules => self.payment_rules = Arc::default(),
            EntityKind::Storefront => drop(self.storefronts.remove(&StorefrontId(id))),
            EntityKind::Webhook => drop(self.webhooks.remove(&WebhookId(id))),
            EntityKind::CheckoutProvider => drop(self.checkout_providers.remove(&ProviderId(id))),
            EntityKind::Agreement => drop(self.agreements.remove(&AgreementId(id))),
            other => self.ticketing.remove(other, id),
        }
    }

    fn put_product(&mut self, product: Product) {
        if let Some(old) = self.products.get(&product.id).cloned() {
            self.unindex_product(&old);
        }
        for variant in product.all_variants() {
            self.owner_of_variant.insert(variant.id, product.id);
            if variant.deleted_at.is_none() && product.deleted_at.is_none() {
                if !variant.sku.is_empty() {
                    self.by_sku.insert(normal_sku(&variant.sku), variant.id);
                }
                for price in variant.prices.iter().filter(|price| !price.key.is_empty()) {
                    self.by_price_key.insert(price.key.clone(), variant.id);
                }
            }
        }
        if product.deleted_at.is_none() {
            self.by_slug.insert(product.slug.clone(), product.id);
            for taxon in &product.taxons {
                self.by_taxon.entry(*taxon).or_default().insert(product.id);
            }
        }
        self.products.insert(product.id, Arc::new(product));
    }

    fn unindex_product(&mut self, product: &Product) {
        for variant in product.all_variants() {
            self.owner_of_variant.remove(&variant.id);
            let sku = normal_sku(&variant.sku);
            if self.by_sku.get(&sku) == Some(&variant.id) {
                self.by_sku.remove(&sku);
            }
            for price in &variant.prices {
                self.by_price_key.remove(&price.key);
            }
        }
        for taxon in &product.taxons {
            if let Some(members) = self.by_taxon.get_mut(taxon) {
                members.remove(&product.id);
            }
        }
        if self.by_slug.get(&product.slug) == Some(&product.id) {
            self.by_slug.remove(&product.slug);
        }
    }

    fn put_promotion(&mut self, promotion: Promotion) {
        if let Some(old) = self.promotions.get(&promotion.id).cloned() {
            self.unindex_promotion(&old);
        }
        for code in &promotion.codes {
            let mut owners = self.by_code.get(code).cloned().unwrap_or_default();
            owners.push(promotion.id);
            owners.sort_unstable();
            self.by_code.insert(code.clone(), owners);
        }
        self.promotions.insert(promotion.id, Arc::new(promotion));
    }

    fn unindex_promotion(&mut self, promotion: &Promotion) {
        for code in &promotion.codes {
            if let Some(mut owners) = self.by_code.get(code).cloned() {
                owners.retain(|id| *id != promotion.id);
                self.by_code.insert(code.clone(), owners);
            }
        }
    }

    /// The product that owns a variant, and the variant; deleted ones too.
    pub fn variant(&self, id: VariantId) -> Option<(&Arc<Product>, &Variant)> {
        let product = self.products.get(self.owner_of_variant.get(&id)?)?;
        Some((product, product.variant(id)?))
    }

    /// Products of a taxon that are not deleted.
    pub(super) fn members_of(&self, taxon: TaxonId) -> Option<&OrdSet<ProductId>> {
        self.by_taxon.get(&taxon)
    }

    pub fn product_by_slug(&self, slug: &str) -> Option<&Arc<Product>> {
        self.products.get(self.by_slug.get(slug)?)
    }

    /// Trimmed, case-insensitive.
    pub fn variant_by_sku(&self, sku: &str) -> Option<VariantId> {
        self.by_sku.get(&normal_sku(sku)).copied()
    }

    /// The variant that a keyed price option belongs to.
    pub fn variant_by_price_key(&self, key: &str) -> Option<VariantId> {
        self.by_price_key.get(key).copied()
    }

    /// The promotion a code stands for in a channel. Codes are trimmed and case-insensitive.
    pub fn promotion_by_code(&self, code: &str, channel: &ChannelKey) -> Option<&Arc<Promotion>> {
        let owners = self.by_code.get(&normal_code(code))?;
        owners
            .iter()
            .filter_map(|id| self.promotions.get(id))
            .find(|promotion| promotion.channels.show(channel))
    }

    /// The tax category of products that name none.
    pub fn default_tax_category(&self) -> Option<TaxCategoryId> {
        self.tax_categories.values().find(|category| category.is_default).map(|category| category.id)
    }

    /// Tax category of a variant: its own, its product's, else the default.
    pub fn tax_category_of(&self, variant: VariantId) -> Option<TaxCategoryId> {
        let (product, variant) = self.variant(variant)?;
        variant.tax_category.or(product.tax_category).or_else(|| self.default_tax_category())
    }
}

/// How SKUs are compared: trimmed, upper case. Shops mix `85099b` and `85099B` and mean one thing.
pub fn normal_sku(sku: &str) -> String {
    sku.trim().to_uppercase()
}

/// How coupon codes are compared: trimmed, lower case.
pub fn normal_code(code: &str) -> String {
    code.trim().to_lowercase()
}
