//! Option types, properties, taxonomies and products of the file.

use super::reader::Reader;
use super::sales::Selling;
use super::section::Section;
use super::{FirstStock, image_key, variant_key};
use domain::catalog::{
    HoldFrom, Image, Measures, PriceOption, Product, ProductProperty, Property, Taxon, Taxonomy, Variant,
};
use domain::money::Money;
use domain::{
    IdKind, ImageId, OptionTypeId, OptionValueId, ProductId, PropertyId, ShippingCategoryId, StockLocationId,
    TaxCategoryId, TaxonId, TaxonomyId, VariantId,
};

/// Most pieces of one variant at one location.
const PIECES: i64 = 1_000_000_000;

/// What a product hands down to its variants.
struct Inherited {
    slug: String,
    prices: Vec<PriceOption>,
    measures: Measures,
    track_inventory: bool,
    hold: HoldFrom,
    selling: Selling,
}

impl Reader<'_> {
    pub fn option_type(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = OptionTypeId(self.names.declare(&section, IdKind::OptionType, &name));
        self.options.option_type(&mut self.names, &name);
        if let (Some(presentation), Some(found)) = (section.text("presentation"), self.options.type_mut(id)) {
            found.presentation = presentation;
        }
        for value in section.texts("values") {
            self.options.value(&mut self.names, &name, &value);
        }
        section.finish();
    }

    pub fn taxonomy(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let id = TaxonomyId(self.names.declare(&section, IdKind::Taxonomy, &name));
        let permalink = slug_of(&name);
        let root = TaxonId(self.names.part(IdKind::Taxon, &permalink));
        let position = self.entities.len() as i64;
        self.put(Taxonomy { id, name: name.clone(), root, position });
        let description = None;
        self.put(Taxon {
            id: root,
            taxonomy: id,
            parent: None,
            name,
            permalink: permalink.clone(),
            position: 0,
            description,
            meta_title: None,
            meta_description: None,
        });
        for (position, child) in section.sections("taxons").into_iter().enumerate() {
            self.taxon(child, id, root, &permalink, position as i64);
        }
        section.finish();
    }

    fn taxon(
        &mut self,
        section: Section<'_>,
        taxonomy: TaxonomyId,
        parent: TaxonId,
        above: &str,
        position: i64,
    ) {
        let Some(name) = section.need_text("name") else { return };
        let permalink = format!("{above}/{}", slug_of(&name));
        let id = TaxonId(self.names.declare(&section, IdKind::Taxon, &permalink));
        let description = section.text("description");
        let parent = Some(parent);
        let (meta_title, meta_description) = (section.text("meta_title"), section.text("meta_description"));
        self.put(Taxon {
            id,
            taxonomy,
            parent,
            name,
            permalink: permalink.clone(),
            position,
            description,
            meta_title,
            meta_description,
        });
        for (position, child) in section.sections("taxons").into_iter().enumerate() {
            self.taxon(child, taxonomy, id, &permalink, position as i64);
        }
        section.finish();
    }

    pub fn product(&mut self, section: Section<'_>) {
        let Some(name) = section.need_text("name") else { return };
        let slug = section.text("slug").unwrap_or_else(|| slug_of(&name));
        let id = ProductId(self.names.declare(&section, IdKind::Product, &slug));
        let option_names = section.texts("options");
        let option_types =
            option_names.iter().map(|name| self.options.option_type(&mut self.names, name)).collect();
        let inherited = Inherited {
            slug: slug.clone(),
            prices: prices(&section),
            measures: measures(&section, Measures::default()),
            track_inventory: section.flag("track_inventory", true),
            hold: section
                .choice("hold", &[("channel", HoldFrom::Channel), ("cart", HoldFrom::Cart)])
                .unwrap_or_default(),
            selling: self.selling(&section, &Selling::default()),
        };
        let sales = self.sale_rules(&section);
        if !["price", "prices", "price_options"].iter().any(|key| section.has(key)) {
            section.fault("expected the key `price`");
        }
        let created_at = self.created_at(id);
        let variants = section.sections("variants");
        let master = self.master(&section, &inherited, variants.is_empty());
        let variants = variants.into_iter().enumerate();
        let variants = variants.filter_map(|(position, variant)| {
            self.variant(variant, &inherited, &option_names, position as i64 + 1)
        });
        let variants = variants.collect();
        let product = Product {
            id,
            name,
            slug,
            description: section.text("description").unwrap_or_default(),
            available_on: Some(section.time("available_on").unwrap_or(created_at)),
            discontinue_on: section.time("discontinue_on"),
            deleted_at: None,
            shipping_category: self.shipping_category_of(&section),
            tax_category: section
                .item("tax_category")
                .and_then(|item| self.names.resolve(&item, IdKind::TaxCategory))
                .map(TaxCategoryId),
            meta_title: section.text("meta_title"),
            meta_description: section.text("meta_description"),
            meta_keywords: section.text("meta_keywords"),
            promotionable: section.flag("promotionable", true),
            option_types,
            properties: self.properties(&section, id),
            taxons: self
                .names
                .resolve_all(&section, "taxons", IdKind::Taxon)
                .into_iter()
                .map(TaxonId)
                .collect(),
            master,
            variants,
            channels: self.channels(&section),
            sales,
            service: self.service(&section),
            created_at,
            updated_at: created_at,
        };
        self.put(product);
        section.finish();
    }

    /// `shipping_category`, else the file's first one; `ships = false` has none.
    fn shipping_category_of(&self, section: &Section<'_>) -> Option<ShippingCategoryId> {
        let named = section.item("shipping_category");
        match (section.flag("ships", true), named) {
            (true, Some(item)) => self.names.resolve(&item, IdKind::ShippingCategory).map(ShippingCategoryId),
            (true, None) => self.first_shipping_category(),
            (false, None) => None,
            (false, Some(item)) => {
                item.fault("expected no shipping category beside `ships = false`");
                None
            }
        }
    }

    fn properties(&mut self, section: &Section<'_>, product: ProductId) -> Vec<ProductProperty> {
        let Some(table) = section.section("properties") else { return Vec::new() };
        let mut properties = Vec::new();
        for (name, item) in table.entries() {
            let Some(value) = item.text() else { continue };
            let property = PropertyId(self.names.part(IdKind::Property, &name));
            let row = Property { id: property, name: name.clone(), presentation: name.clone() };
            if !self.entities.contains(&row.clone().into()) {
                self.put(row);
            }
            let id = PropertyId(self.names.part(IdKind::Property, &format!("{product}/{name}")));
            properties.push(ProductProperty { id, property, value });
        }
        properties
    }

    fn master(&mut self, section: &Section<'_>, inherited: &Inherited, alone: bool) -> Variant {
        let sku = section.text("sku").unwrap_or_default();
        let key = variant_key(&sku, &inherited.slug, "");
        let id = VariantId(self.names.declare_as(section, "variant_id", IdKind::Variant, &key));
        if alone {
            self.first_stock(section, id, inherited);
        } else if section.has("stock") {
            section.fault("expected `stock` on the variants, because this product has some");
        }
        let gtin = section.text("gtin");
        let images = self.images(section, &key);
        Variant { sku, gtin, is_master: true, images, ..bare_variant(id, inherited) }
    }

    fn variant(
        &mut self,
        section: Section<'_>,
        inherited: &Inherited,
        option_names: &[String],
        position: i64,
    ) -> Option<Variant> {
        let table = section.need("options").and_then(|item| item.section())?;
        let mut options: Vec<OptionValueId> = Vec::new();
        let mut words = Vec::new();
        for name in option_names {
            let value = table.need(name).and_then(|item| item.text())?;
            options.push(self.options.value(&mut self.names, name, &value));
            words.push(value);
        }
        table.finish();
        let sku = section.text("sku").unwrap_or_default();
        let key = variant_key(&sku, &inherited.slug, &words.join("/"));
        let id = VariantId(self.names.declare(&section, IdKind::Variant, &key));
        self.first_stock(&section, id, inherited);
        let own_prices = prices(&section);
        let selling = self.selling(&section, &inherited.selling);
        let variant = Variant {
            sku,
            gtin: section.text("gtin"),
            position,
            options,
            prices: if own_prices.is_empty() { inherited.prices.clone() } else { own_prices },
            measures: measures(&section, inherited.measures),
            images: self.images(&section, &key),
            window: selling.window,
            draws: selling.draws,
            package: selling.package,
            ..bare_variant(id, inherited)
        };
        section.finish();
        Some(variant)
    }

    /// `images = ["https://…"]`.
    fn images(&mut self, section: &Section<'_>, variant: &str) -> Vec<Image> {
        let urls = section.texts("images").into_iter().enumerate();
        let image = |(position, url): (usize, String)| {
            let position = position as i64 + 1;
            let id = ImageId(self.names.part(IdKind::Image, &image_key(variant, position)));
            Image { id, position, url, alt: None, content_type: None, file_name: None }
        };
        urls.map(image).collect()
    }

    /// `stock = 5` is at the first location that takes all variants; `stock = { name = 5 }` says where.
    fn first_stock(&mut self, section: &Section<'_>, variant: VariantId, inherited: &Inherited) {
        let Some(item) = section.item("stock") else {
            // What only draws on pools has no pieces anywhere.
            let is_kept = inherited.track_inventory || inherited.selling.draws.is_empty();
            if is_kept {
                self.spread(variant, 0);
            }
            return;
        };
        if !item.is_table() {
            return self.spread(variant, item.whole(0..=PIECES).unwrap_or(0));
        }
        let Some(table) = item.section() else { return };
        for (name, count) in table.entries() {
            let Some(on_hand) = count.whole(0..=PIECES) else { continue };
            match self.names.id(IdKind::StockLocation, &name) {
                Some(id) => {
                    let location = StockLocationId(id);
                    let backorderable =
                        self.locations().any(|of| of.id == location && of.backorderable_default);
                    self.stock.push(FirstStock { variant, location, on_hand, backorderable });
                }
                None => count.fault("expected the name of a stock location as key"),
            }
        }
    }

    /// All pieces at the first location that takes all variants, none at the others of that kind.
    fn spread(&mut self, variant: VariantId, on_hand: i64) {
        let everywhere = self.locations().filter(|location| location.propagate_all_variants);
        let rows = everywhere.enumerate().map(|(position, location)| FirstStock {
            variant,
            location: location.id,
            on_hand: if position == 0 { on_hand } else { 0 },
            backorderable: location.backorderable_default,
        });
        let rows: Vec<FirstStock> = rows.collect();
        self.stock.extend(rows);
    }
}

fn bare_variant(id: VariantId, inherited: &Inherited) -> Variant {
    Variant {
        id,
        prices: inherited.prices.clone(),
        measures: inherited.measures,
        track_inventory: inherited.track_inventory,
        hold: inherited.hold,
        window: inherited.selling.window,
        draws: inherited.selling.draws.clone(),
        package: inherited.selling.package.clone(),
        ..Variant::default()
    }
}

/// `price = "…"` or, in several currencies, `prices = ["…", "…"]`.
fn prices(section: &Section<'_>) -> Vec<PriceOption> {
    let listed = section.list("prices");
    let mut prices: Vec<PriceOption> = Vec::new();
    for item in listed.iter().chain(section.item("price").iter()) {
        let Some(price) = item.money() else { continue };
        if price.amount.0 < 0 {
            item.expected("a price that is not below zero");
        }
        if prices.iter().any(|known| same_currency(known.price, price)) {
            item.fault(format!("expected one price in {}, found two", price.currency.code()));
        }
        prices.push(PriceOption::plain(price));
    }
    prices.extend(super::payments::price_options(section));
    prices
}

fn same_currency(one: Money, other: Money) -> bool {
    one.currency == other.currency
}

fn measures(section: &Section<'_>, inherited: Measures) -> Measures {
    let length = |key, otherwise: Option<i64>| section.whole(key, 0..=PIECES).or(otherwise);
    Measures {
        grams: section.whole("grams", 0..=PIECES).unwrap_or(inherited.grams),
        height_mm: length("height_mm", inherited.height_mm),
        width_mm: length("width_mm", inherited.width_mm),
        depth_mm: length("depth_mm", inherited.depth_mm),
    }
}

/// The name as a part of an address: lower-case letters and digits with dashes between.
pub fn slug_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
