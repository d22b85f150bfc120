//! Properties, and their values on products. Both are found by id or by the property's name.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::patches::property as property_patch;
use super::products;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use crate::kit::filter_value::FieldValue;
use domain::catalog::edit::{self, Bench, Faults, Patch, ProductPatch, PropertyPatch};
use domain::catalog::{Catalog, EntityKind, Product, ProductProperty, Property, StockView};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{ProductId, PropertyId};
use engine::Reply;

pub async fn index(call: Call) -> Answer {
    let rows = call.catalog.properties.values().map(|row| &**row);
    let ids: Option<Vec<i64>> =
        call.params.get("ids").map(|ids| ids.texts().into_iter().filter_map(|id| id.parse().ok()).collect());
    let rows = rows.filter(|row| ids.as_ref().is_none_or(|ids| ids.contains(&row.id.0)));
    call.search("properties", rows, &["id", "name"], column, views::property)
}

fn column<'a>(row: &'a Property, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        _ => row.name.as_str().into(),
    })
}

pub async fn show(call: Call) -> Answer {
    Ok(call.json(200, &views::property(find(&call)?)))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    let said = said(&mut call)?;
    let create = move |bench: &mut Bench<'_>| {
        let id = PropertyId::fresh(bench.ids());
        write(Property { id, name: String::new(), presentation: String::new() }, said.clone(), bench)
    };
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let said = said(&mut call)?;
    let update = move |bench: &mut Bench<'_>| {
        let row = bench.catalog().properties.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
        write(Property::clone(row), said.clone(), bench)
    };
    call.change(StockView::default(), update, |id, lens| view(200, *id, lens)).await
}

/// Its values on products go with it.
pub async fn destroy(call: Call) -> Answer {
    let id = find(&call)?.id;
    call.staff_only()?;
    let delete = move |bench: &mut Bench<'_>| {
        entity(bench.catalog().properties.contains_key(&id))?;
        let has = |product: &Product| product.properties.iter().any(|row| row.property == id);
        let products = bench.catalog().products.values().filter(|product| has(product));
        let products: Vec<Product> = products.map(|product| Product::clone(product)).collect();
        for mut product in products {
            product.properties.retain(|row| row.property != id);
            bench.put(product);
        }
        bench.remove(EntityKind::Property, id.0);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

fn said(call: &mut Call) -> Result<[Patch<String>; 2], Refused> {
    call.params.wrap("property", &["name", "presentation"]);
    let fields = call.root("property")?;
    Ok([fields.text("name"), fields.text("presentation")])
}

fn write(
    mut row: Property,
    [name, presentation]: [Patch<String>; 2],
    bench: &mut Bench<'_>,
) -> Result<PropertyId, Refusal> {
    let mut faults = Faults::default();
    name.write_or_default(&mut row.name);
    presentation.write_or_default(&mut row.presentation);
    faults.required_text("name", &row.name);
    faults.required_text("presentation", &row.presentation);
    if bench.catalog().properties.values().any(|other| other.id != row.id && other.name == row.name) {
        faults.add("name", Rule::Taken);
    }
    faults.into_result()?;
    let id = row.id;
    bench.put(row);
    Ok(id)
}

fn find(call: &Call) -> Result<&Property, Refused> {
    let name = call.params.text("id").unwrap_or_default();
    let by_id = name.parse().ok().and_then(|id| call.catalog.properties.get(&PropertyId(id)));
    let found = by_id.or_else(|| call.catalog.properties.values().find(|row| row.name == name));
    found.map(|row| &**row).ok_or_else(Refused::not_found)
}

fn view(status: u16, id: PropertyId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.properties.get(&id).map(|row| views::property(row)))
}

pub async fn values(call: Call) -> Answer {
    let product = products::find(&call)?;
    let catalog = &*call.catalog;
    let column = |row: &'_ ProductProperty, name: &str| match name {
        "id" => Some(FieldValue::Int(row.id.0)),
        _ => Some(FieldValue::Text(row.value.clone().into())),
    };
    call.search("product_properties", product.properties.iter(), &["id", "value"], column, |row| {
        views::product_property(row, &product, catalog)
    })
}

pub async fn value(call: Call) -> Answer {
    let product = products::find(&call)?;
    let row = find_value(&call, &product)?;
    Ok(call.json(200, &views::product_property(row, &product, &call.catalog)))
}

pub async fn create_value(mut call: Call) -> Answer {
    call.staff_only()?;
    let product = products::find(&call)?.id;
    let patch = PropertyPatch { id: None, remove: false, ..said_value(&mut call)? };
    let name = patch.name.clone().unwrap_or_default().trim().to_owned();
    call.change(StockView::default(), put(product, patch), move |(), lens| {
        let row = |product: &Product| {
            let named = |row: &&ProductProperty| {
                lens.catalog.properties.get(&row.property).is_some_and(|property| property.name == name)
            };
            product.properties.iter().find(named).map(|row| row.id)
        };
        let id = lens.catalog.products.get(&product).and_then(|product| row(product));
        value_view(201, product, id.unwrap_or_default(), lens.catalog)
    })
    .await
}

pub async fn update_value(mut call: Call) -> Answer {
    let product = products::find(&call)?;
    call.staff_only()?;
    let id = find_value(&call, &product)?.id;
    let patch = PropertyPatch { id: Some(id), remove: false, ..said_value(&mut call)? };
    let product = product.id;
    let answer = move |(): &(), lens: &Lens<'_>| value_view(200, product, id, lens.catalog);
    call.change(StockView::default(), put(product, patch), answer).await
}

pub async fn destroy_value(call: Call) -> Answer {
    let product = products::find(&call)?;
    call.staff_only()?;
    let id = find_value(&call, &product)?.id;
    let patch = PropertyPatch { id: Some(id), remove: true, ..PropertyPatch::default() };
    call.change(StockView::default(), put(product.id, patch), |(), _| no_content()).await
}

fn said_value(call: &mut Call) -> Result<PropertyPatch, Refused> {
    call.params.wrap("product_property", &["property_name", "value"]);
    Ok(property_patch(call.root("product_property")?))
}

fn put(
    product: ProductId,
    patch: PropertyPatch,
) -> impl Fn(&mut Bench<'_>) -> Result<(), Refusal> + Send + Sync {
    move |bench| {
        let patch = ProductPatch { properties: vec![patch.clone()], ..ProductPatch::default() };
        edit::update_product(bench, product, patch, &StockView::default())
    }
}

fn find_value<'a>(call: &Call, product: &'a Product) -> Result<&'a ProductProperty, Refused> {
    let name = call.params.text("nested").unwrap_or_default();
    let id = name.parse().ok().map(PropertyId);
    let named = |row: &&ProductProperty| {
        Some(row.id) == id
            || call.catalog.properties.get(&row.property).is_some_and(|property| property.name == name)
    };
    product.properties.iter().find(named).ok_or_else(Refused::not_found)
}

fn value_view(status: u16, product: ProductId, id: PropertyId, catalog: &Catalog) -> Reply {
    let found = catalog.products.get(&product).and_then(|product| {
        let row = product.properties.iter().find(|row| row.id == id)?;
        Some(views::product_property(row, product, catalog))
    });
    reply_found(status, found)
}
