//! The part of a URL that names a product, made from its name and unique among products that are not deleted.

use super::super::Catalog;
use crate::ProductId;

/// Small letters, digits and single hyphens: `Blue T-Shirt!` is `blue-t-shirt`. Letters of other scripts stay,
/// so that a name in them has a slug too.
pub fn parameterize(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() || character == '_' {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// A free slug for a product: its name, its name with its SKU, then with its id, which nobody else has.
pub(super) fn free_slug(catalog: &Catalog, product: ProductId, name: &str, sku: &str) -> String {
    let named = clip(parameterize(name));
    let named = if named.is_empty() { "product".to_owned() } else { named };
    let mut candidates = vec![named.clone()];
    if !sku.is_empty() {
        candidates.push(format!("{named}-{}", clip(parameterize(sku))));
    }
    candidates.push(format!("{named}-{product}"));
    let free = candidates.into_iter().find(|slug| is_free(catalog, product, slug));
    free.unwrap_or_else(|| format!("{named}-{product}-{product}"))
}

pub(super) fn is_free(catalog: &Catalog, product: ProductId, slug: &str) -> bool {
    catalog.product_by_slug(slug).is_none_or(|owner| owner.id == product)
}

/// Leaves room for a suffix within the bound of a short text.
fn clip(slug: String) -> String {
    slug.chars().take(crate::limits::TEXT / 3).collect()
}
