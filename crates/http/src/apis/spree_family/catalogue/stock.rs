//! Stock items and the ledger of their movements.
//!
//! A count is a difference to what is there, unless `force` makes it absolute. Staff cannot bring an item below
//! zero; orders can, where it may be backordered. An item one may not change is 404, the ledger is staff's.

use super::base::{Answer, Call, no_content, reply};
use super::fields::Fields;
use super::{columns, locations};
use crate::apis::spree_family::refuse::{Fields as Errors, Refused};
use crate::apis::spree_family::views;
use crate::kit::filter_value::FieldValue;
use domain::catalog::{Catalog, StockLevel, StockLocation, StockView};
use domain::refusal::Rule;
use domain::{StockItemId, StockLocationId, StockMovementId, VariantId};
use engine::ports::{Commit, Page, StockItemChange, StockMovementRow};
use engine::{Desk, WriteScope, Written};

const ATTRIBUTES: &[&str] = &["variant_id", "count_on_hand", "backorderable", "force"];
/// Rows that a search looks through; what lies beyond is not found.
const SEARCHED: u64 = 20_000;
/// Rows read at once while searching.
const BATCH: u64 = 1_000;
/// Pieces that one item may hold: what a database's plain integer does.
const PIECES: i64 = i32::MAX as i64;

const ITEM_COLUMNS: &[&str] = &[
    "id",
    "count_on_hand",
    "stock_location_id",
    "variant_id",
    "variant_sku",
    "variant_weight",
    "variant_product_id",
    "variant_product_name",
    "variant_product_slug",
];
const MOVEMENT_COLUMNS: &[&str] = &[
    "id",
    "quantity",
    "variant_id",
    "variant_sku",
    "variant_weight",
    "variant_product_name",
    "variant_product_slug",
];

pub async fn items(call: Call) -> Answer {
    let location = location(&call)?.id;
    let filter = call.filter(ITEM_COLUMNS);
    let page = call.page();
    let (rows, total) = if filter.conditions.is_empty() && filter.sorts.is_empty() {
        let found = call.app.engine.stock_items(location, page.offset(), u64::from(page.size)).await;
        let found = found.map_err(|error| call.trouble(&error))?;
        (found.rows, found.total)
    } else {
        let mut rows = all_items(&call, location).await?;
        rows.retain(|row| filter.matches(|name| item_column(row, &call.catalog, name)));
        rows.sort_by(|a, b| {
            filter.compare(
                |name| item_column(a, &call.catalog, name),
                |name| item_column(b, &call.catalog, name),
            )
        });
        (page.slice(&rows).to_vec(), rows.len() as u64)
    };
    let stock = call.stock(&rows.iter().map(|row| row.variant).collect::<Vec<_>>()).await?;
    let lens = call.lens(&stock);
    Ok(call.list("stock_items", page.info(total), rows.iter().map(|row| views::stock_item(row, &lens))))
}

pub async fn item(call: Call) -> Answer {
    let location = location(&call)?.id;
    let level = level(&call, StockItemId(call.id("nested")?)).await?;
    if level.location != location {
        return Err(Refused::not_found());
    }
    let stock = call.stock(&[level.variant]).await?;
    Ok(call.json(200, &views::stock_item(&level, &call.lens(&stock))))
}

pub async fn create_item(mut call: Call) -> Answer {
    call.staff_of_record()?;
    let location = location(&call)?;
    let (location, default) = (location.id, location.backorderable_default);
    call.params.wrap("stock_item", ATTRIBUTES);
    let fields = call.root("stock_item")?;
    let variant = VariantId(fields.integer("variant_id").unwrap_or(0));
    let on_hand = pieces(&call, fields, "count_on_hand")?.unwrap_or(0);
    let backorderable = fields.flag("backorderable").unwrap_or(default);
    if on_hand < 0 {
        return Err(call.dialect().below_zero("count_on_hand"));
    }
    let known = call.catalog.variant(variant).is_some_and(|(_, variant)| variant.deleted_at.is_none());
    if !known {
        return Err(call.invalid("variant", Rule::MustExist));
    }
    let before = call.stock(&[variant]).await?;
    if before.of(variant).iter().any(|level| level.location == location) {
        return Err(call.invalid("variant_id", Rule::Taken));
    }
    let create = move |bench: &mut domain::catalog::edit::Bench<'_>| {
        let item = StockItemId::fresh(bench.ids());
        let level = StockLevel { item, variant, location, on_hand, held: 0, backorderable };
        bench.stock(domain::catalog::edit::StockEdit::Create(level));
        Ok(level)
    };
    call.change(before, create, |level, lens| reply(201, &views::stock_item(level, lens))).await
}

pub async fn update_item(mut call: Call) -> Answer {
    call.staff_or_nothing()?;
    let id = item_named(&call).await?;
    call.params.wrap("stock_item", ATTRIBUTES);
    let fields = call.root("stock_item")?;
    let count = pieces(&call, fields, "count_on_hand")?;
    let is_absolute = call.dialect().is_forced(fields, &call);
    let count = count.or_else(|| call.dialect().count_unsaid().filter(|_| is_absolute));
    let backorderable = fields.flag("backorderable");
    let build = |desk: &Desk<'_>| -> Result<(Commit, StockLevel), Refused> {
        let mut level = desk.stock_item.ok_or_else(Refused::not_found)?;
        let mut stock = Vec::new();
        if let Some(backorderable) = backorderable {
            level.backorderable = backorderable;
            stock.push(StockItemChange::Backorderable { item: id, backorderable });
        }
        let is_tracked =
            desk.catalog.variant(level.variant).is_none_or(|(_, variant)| variant.track_inventory);
        if let Some(count) = count.filter(|_| is_tracked) {
            let target = if is_absolute { count } else { level.on_hand.saturating_add(count) };
            // An item that orders brought below zero may still be brought nearer to it.
            if target < 0 && target < level.on_hand || target > PIECES {
                return Err(call.dialect().below_zero("count_on_hand"));
            }
            if is_absolute {
                stock.push(StockItemChange::Set { item: id, on_hand: target });
            } else if count != 0 {
                stock.push(StockItemChange::Adjust { item: id, delta: count });
            }
            level.on_hand = target;
        }
        Ok((Commit { stock, ..Commit::default() }, level))
    };
    let before = level(&call, id).await?;
    let stock = call.stock(&[before.variant]).await?;
    let answer = |written: Written<'_, StockLevel, Refused>| match written {
        Written::Done { value, .. } => {
            let stock = with_level(stock.clone(), value);
            reply(200, &views::stock_item(value, &call.lens(&stock)))
        }
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::StockItem(id), call.once, build, answer).await)
}

/// An item that is promised to an order stays.
pub async fn destroy_item(call: Call) -> Answer {
    call.staff_or_nothing()?;
    let id = item_named(&call).await?;
    let build = |desk: &Desk<'_>| -> Result<(Commit, ()), Refused> {
        match desk.stock_item {
            None => Err(Refused::not_found()),
            Some(level) if level.held > 0 => Err(call.dialect().cannot_delete()),
            Some(_) => {
                Ok((Commit { stock: vec![StockItemChange::Remove { item: id }], ..Commit::default() }, ()))
            }
        }
    };
    let answer = |written: Written<'_, (), Refused>| match written {
        Written::Done { .. } => no_content(),
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::StockItem(id), call.once, build, answer).await)
}

pub async fn movements(call: Call) -> Answer {
    call.staff_of_record()?;
    let location = location(&call)?.id;
    let filter = call.filter(MOVEMENT_COLUMNS);
    let page = call.page();
    let (rows, total) = if filter.conditions.is_empty() && filter.sorts.is_empty() {
        let found = call.app.engine.stock_movements(location, page.offset(), u64::from(page.size)).await;
        let found = found.map_err(|error| call.trouble(&error))?;
        (found.rows, found.total)
    } else {
        let mut rows = all_movements(&call, location).await?;
        rows.retain(|row| filter.matches(|name| movement_column(row, &call.catalog, name)));
        rows.sort_by(|a, b| {
            let catalog = &call.catalog;
            filter.compare(|name| movement_column(a, catalog, name), |name| movement_column(b, catalog, name))
        });
        (page.slice(&rows).to_vec(), rows.len() as u64)
    };
    let stock = call.stock(&rows.iter().map(|row| row.variant).collect::<Vec<_>>()).await?;
    let lens = call.lens(&stock);
    let view = |row: &StockMovementRow| {
        let level = stock.of(row.variant).iter().find(|level| level.item == row.item);
        views::stock_movement(row, level, &lens)
    };
    Ok(call.list("stock_movements", page.info(total), rows.iter().map(view)))
}

pub async fn movement(call: Call) -> Answer {
    call.staff_or_nothing()?;
    let location = location(&call)?.id;
    let id = StockMovementId(call.id("nested")?);
    let row = call.app.engine.stock_movement(id).await.map_err(|error| call.trouble(&error))?;
    let row = row.filter(|row| row.location == location).ok_or_else(Refused::not_found)?;
    let stock = call.stock(&[row.variant]).await?;
    let level = stock.of(row.variant).iter().find(|level| level.item == row.item);
    Ok(call.json(200, &views::stock_movement(&row, level, &call.lens(&stock))))
}

pub async fn create_movement(mut call: Call) -> Answer {
    call.staff_of_record()?;
    let location = location(&call)?.id;
    call.params.wrap("stock_movement", &["quantity", "stock_item_id"]);
    let fields = call.root("stock_movement")?;
    let item = StockItemId(fields.integer("stock_item_id").unwrap_or(0));
    let quantity = pieces(&call, fields, "quantity")?;
    let quantity = quantity.ok_or_else(|| call.invalid("quantity", Rule::NotANumber))?;
    let missing = || call.invalid("stock_item", Rule::MustExist);
    let known = level(&call, item).await.map_err(|_| missing())?;
    let stock = call.stock(&[known.variant]).await?;
    let build = |desk: &Desk<'_>| -> Result<(Commit, StockLevel), Refused> {
        let mut level = desk.stock_item.filter(|level| level.location == location).ok_or_else(missing)?;
        let target = level.on_hand.saturating_add(quantity);
        if target < 0 && quantity < 0 || target > PIECES {
            return Err(call.dialect().below_zero("quantity"));
        }
        level.on_hand = target;
        let stock = vec![StockItemChange::Adjust { item, delta: quantity }];
        Ok((Commit { stock, ..Commit::default() }, level))
    };
    let answer = |written: Written<'_, StockLevel, Refused>| match written {
        Written::Done { value, committed, now, .. } => {
            let stock = with_level(stock.clone(), value);
            let row = StockMovementRow {
                id: committed.stock_movements.first().copied().unwrap_or_default(),
                item,
                variant: value.variant,
                location,
                quantity,
                order: None,
                at: now,
            };
            reply(201, &views::stock_movement(&row, Some(value), &call.lens(&stock)))
        }
        Written::Refused(refused) => refused.clone().into_reply(),
        Written::Failed(error) => call.failed(error).into_reply(),
    };
    call.written(call.app.engine.write(WriteScope::StockItem(item), call.once, build, answer).await)
}

/// The location of the path, or of `stock_location_id` where there is none in it.
fn location(call: &Call) -> Result<&StockLocation, Refused> {
    if call.params.get("id").is_some() {
        return locations::find(call);
    }
    match call.params.get("stock_location_id").filter(|value| !value.is_blank()) {
        None => Err(call.dialect().no_location_named()),
        Some(id) => locations::find_id(call, StockLocationId(id.integer().unwrap_or(0))),
    }
}

/// The item of `/stock_items/{id}` or `/stock_locations/{id}/stock_items/{nested}`.
async fn item_named(call: &Call) -> Result<StockItemId, Refused> {
    if call.params.get("nested").is_none() {
        return call.id("id").map(StockItemId);
    }
    let location = location(call)?.id;
    let found = level(call, StockItemId(call.id("nested")?)).await?;
    if found.location == location { Ok(found.item) } else { Err(Refused::not_found()) }
}

async fn level(call: &Call, id: StockItemId) -> Result<StockLevel, Refused> {
    let level = call.app.engine.stock_item(id).await.map_err(|error| call.trouble(&error))?;
    level.ok_or_else(Refused::not_found)
}

/// A count of pieces; `None` if it was not named.
fn pieces(call: &Call, fields: Fields<'_>, name: &str) -> Result<Option<i64>, Refused> {
    let Some(value) = fields.get(name).filter(|value| !value.is_blank()) else { return Ok(None) };
    match value.integer() {
        Some(count) if (-PIECES..=PIECES).contains(&count) => Ok(Some(count)),
        Some(_) => {
            Err(Refused::invalid(Errors::one(name, format!("must be less than or equal to {PIECES}"))))
        }
        None => Err(call.invalid(name, Rule::NotANumber)),
    }
}

fn with_level(mut stock: StockView, level: &StockLevel) -> StockView {
    let known =
        stock.0.get_mut(&level.variant).and_then(|levels| levels.iter_mut().find(|l| l.item == level.item));
    if let Some(known) = known {
        *known = *level;
    }
    stock
}

/// All items of a location, up to the bound of a search.
async fn all_items(call: &Call, location: StockLocationId) -> Result<Vec<StockLevel>, Refused> {
    let mut rows = Vec::new();
    loop {
        let page = call.app.engine.stock_items(location, rows.len() as u64, BATCH).await;
        if is_all(&mut rows, page.map_err(|error| call.trouble(&error))?) {
            return Ok(rows);
        }
    }
}

/// All movements of a location, up to the bound of a search.
async fn all_movements(call: &Call, location: StockLocationId) -> Result<Vec<StockMovementRow>, Refused> {
    let mut rows = Vec::new();
    loop {
        let page = call.app.engine.stock_movements(location, rows.len() as u64, BATCH).await;
        if is_all(&mut rows, page.map_err(|error| call.trouble(&error))?) {
            return Ok(rows);
        }
    }
}

/// Takes a page over; says whether it was the last that is read.
fn is_all<T>(rows: &mut Vec<T>, page: Page<T>) -> bool {
    let is_empty = page.rows.is_empty();
    rows.extend(page.rows);
    is_empty || rows.len() as u64 >= page.total.min(SEARCHED)
}

fn item_column<'a>(row: &StockLevel, catalog: &'a Catalog, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.item.0),
        "count_on_hand" => FieldValue::Int(row.on_hand),
        "stock_location_id" => FieldValue::Int(row.location.0),
        _ => return columns::of_variant(row.variant, catalog, name.strip_prefix("variant_")?),
    })
}

fn movement_column<'a>(row: &StockMovementRow, catalog: &'a Catalog, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "quantity" => FieldValue::Int(row.quantity),
        _ => return columns::of_variant(row.variant, catalog, name.strip_prefix("variant_")?),
    })
}
