//! Pools of capacity.

use super::{Resource, in_use};
use crate::apis::guest_manager::catalogue::draft::{Draft, found};
use crate::apis::guest_manager::catalogue::fields::Fields;
use crate::apis::guest_manager::refuse::Refused;
use crate::kit::Map;
use domain::catalog::{EntityKind, Pool, Variant};
use domain::ticketing::availability::free_units;
use domain::{StockItemId, VariantId};
use serde_json::json;

pub const POOLS: Resource = Resource {
    plural: "pools",
    singular: "pool",
    model: "Pool",
    rows: |look| {
        let view = |pool: &Pool| {
            let free = pool.size.map(|_| free_units(look.stock, pool.id));
            json!({ "id": pool.id, "name": pool.name, "size": pool.size, "available": free })
        };
        look.catalog.ticketing.pools.values().map(|pool| view(pool)).collect()
    },
    put: Some(put),
    remove: Some(remove),
};

fn put(draft: &mut Draft<'_>, id: Option<i64>, map: &Map) -> Result<i64, Refused> {
    let mut pool = match id {
        Some(id) => Pool::clone(found(draft.catalog().ticketing.pools.get(&VariantId(id)), "Pool", id)?),
        None => Pool {
            id: VariantId::fresh(draft.ids),
            item: StockItemId::fresh(draft.ids),
            name: String::new(),
            size: None,
        },
    };
    let fields = Fields::new(map);
    fields.name("name", &mut pool.name);
    fields.count("size", 0..=Pool::ENDLESS, &mut pool.size);
    fields.finish("Pool", id)?;
    let id = pool.id.0;
    draft.put_pool(pool);
    Ok(id)
}

/// The level stays: placed orders count on it.
fn remove(draft: &mut Draft<'_>, id: i64) -> Result<(), Refused> {
    found(draft.catalog().ticketing.pools.get(&VariantId(id)), "Pool", id)?;
    let draws = |variant: &Variant| {
        variant.deleted_at.is_none() && variant.draws.iter().any(|draw| draw.pool == VariantId(id))
    };
    if draft.catalog().products.values().any(|product| product.all_variants().any(draws)) {
        return Err(in_use("Pool", id, "variants"));
    }
    draft.remove(EntityKind::Pool, id);
    Ok(())
}
