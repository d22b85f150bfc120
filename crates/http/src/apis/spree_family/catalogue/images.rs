//! Pictures of products and variants. What is kept is where a picture is and what it is called: the server has no
//! store for files, so the bytes of an upload are looked at for their type and let go.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::fields::Fields;
use super::products;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views;
use domain::catalog::edit::{Bench, IMAGES, Patch};
use domain::catalog::{Image, Product, StockView, Variant};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{ImageId, VariantId};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Listed<T> {
    images: Vec<T>,
}

/// All pictures of a product, whichever variant they belong to.
pub async fn of_product(call: Call) -> Answer {
    let product = products::find(&call)?;
    let owned = product.all_variants().filter(|variant| variant.deleted_at.is_none());
    let images =
        owned.flat_map(|variant| variant.images.iter().map(|image| views::image(image, &product, variant)));
    Ok(call.json(200, &Listed { images: images.collect() }))
}

pub async fn of_variant(call: Call) -> Answer {
    let (product, id) = variant(&call)?;
    let variant = product.variant(id).ok_or_else(Refused::not_found)?;
    let images = variant.images.iter().map(|image| views::image(image, &product, variant));
    Ok(call.json(200, &Listed { images: images.collect() }))
}

pub async fn show_of_product(call: Call) -> Answer {
    let product = products::find(&call)?;
    one(&call, &product, product.all_variants())
}

pub async fn show_of_variant(call: Call) -> Answer {
    let (product, id) = variant(&call)?;
    one(&call, &product, product.variant(id).into_iter())
}

fn one<'a>(call: &Call, product: &Product, mut variants: impl Iterator<Item = &'a Variant>) -> Answer {
    let id = ImageId(call.id("nested")?);
    let found =
        variants.find_map(|variant| variant.images.iter().find(|image| image.id == id).map(|i| (variant, i)));
    let (variant, image) = found.ok_or_else(Refused::not_found)?;
    Ok(call.json(200, &views::image(image, product, variant)))
}

/// Below a product a picture is its master's, unless `viewable_id` names another variant of it.
pub async fn create(call: Call) -> Answer {
    call.staff_only()?;
    let product = products::find(&call)?;
    let named = Fields(call.params.get("image")).integer("viewable_id").map(VariantId);
    let owner = named.filter(|id| product.variant(*id).is_some()).unwrap_or(product.master.id);
    add(call, owner).await
}

pub async fn create_of_variant(call: Call) -> Answer {
    call.staff_only()?;
    let owner = variant(&call)?.1;
    add(call, owner).await
}

async fn add(call: Call, owner: VariantId) -> Answer {
    let said = said(&call)?;
    if said.source.is_none() {
        return Err(call.invalid("attachment", Rule::Blank));
    }
    let create = move |bench: &mut Bench<'_>| {
        let mut product = bench.product_of(owner)?;
        let id = ImageId::fresh(bench.ids());
        let now = bench.now();
        let variant = product.variant_mut(owner).ok_or(Refusal::NotFound(Thing::Variant))?;
        if variant.images.len() >= IMAGES {
            return Err(Refusal::TooMany("images".to_owned()));
        }
        let position = variant.images.iter().map(|image| image.position).max().unwrap_or(0).saturating_add(1);
        let mut image =
            Image { id, position, url: String::new(), alt: None, content_type: None, file_name: None };
        said.clone().write(&mut image);
        variant.images.push(image);
        variant.images.sort_by_key(|image| (image.position, image.id));
        product.updated_at = now;
        bench.put(product);
        Ok(id)
    };
    call.change(StockView::default(), create, move |id, lens| view(201, owner, *id, lens)).await
}

pub async fn update(call: Call) -> Answer {
    call.staff_only()?;
    let said = said(&call)?;
    let (owner, id) = holder(&call)?;
    let update = move |bench: &mut Bench<'_>| {
        let mut product = bench.product_of(owner)?;
        let now = bench.now();
        let variant = product.variant_mut(owner).ok_or(Refusal::NotFound(Thing::Variant))?;
        let image = variant.images.iter_mut().find(|image| image.id == id);
        said.clone().write(image.ok_or(Refusal::NotFound(Thing::Entity))?);
        variant.images.sort_by_key(|image| (image.position, image.id));
        product.updated_at = now;
        bench.put(product);
        Ok(())
    };
    call.change(StockView::default(), update, move |(), lens| view(200, owner, id, lens)).await
}

pub async fn destroy(call: Call) -> Answer {
    call.staff_only()?;
    let (owner, id) = holder(&call)?;
    let delete = move |bench: &mut Bench<'_>| {
        let mut product = bench.product_of(owner)?;
        let now = bench.now();
        let variant = product.variant_mut(owner).ok_or(Refusal::NotFound(Thing::Variant))?;
        let before = variant.images.len();
        variant.images.retain(|image| image.id != id);
        entity(variant.images.len() < before)?;
        product.updated_at = now;
        bench.put(product);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

fn view(status: u16, owner: VariantId, id: ImageId, lens: &views::Lens<'_>) -> engine::Reply {
    let found = lens.catalog.variant(owner).and_then(|(product, variant)| {
        let image = variant.images.iter().find(|image| image.id == id)?;
        Some(views::image(image, product, variant))
    });
    reply_found(status, found)
}

/// The variant that holds the picture of the path.
fn holder(call: &Call) -> Result<(VariantId, ImageId), Refused> {
    let id = ImageId(call.id("nested")?);
    let products = call.catalog.products.values().filter(|product| product.deleted_at.is_none());
    let mut variants = products.flat_map(|product| product.all_variants());
    let found = variants.find(|variant| variant.images.iter().any(|image| image.id == id));
    Ok((found.ok_or_else(Refused::not_found)?.id, id))
}

fn variant(call: &Call) -> Result<(Arc<Product>, VariantId), Refused> {
    let id = VariantId(call.id("id")?);
    let (product, variant) = call.catalog.variant(id).ok_or_else(Refused::not_found)?;
    let is_there = variant.deleted_at.is_none() && product.deleted_at.is_none();
    let is_shown = product.channels.show(&call.channel().key);
    if is_there && is_shown { Ok((Arc::clone(product), id)) } else { Err(Refused::not_found()) }
}

/// What a request says of a picture.
#[derive(Clone, Default)]
struct Said {
    alt: Patch<String>,
    position: Option<i64>,
    source: Option<Source>,
}

/// Where a picture comes from: somewhere on the web, or an upload of which only name and type are kept.
#[derive(Clone)]
enum Source {
    Address(String),
    Upload { file_name: String, content_type: String },
}

fn said(call: &Call) -> Result<Said, Refused> {
    let fields = Fields(call.params.get("image"));
    if !call.params.files().is_empty() {
        call.dialect().may_upload()?;
    }
    let upload =
        call.params.files().first().map(|file| (file, file.content_type.clone().unwrap_or_default()));
    let source = match (upload, fields.text("attachment"), fields.text("url")) {
        (Some((_, kind)), _, _) if !kind.starts_with("image/") || kind.len() > domain::limits::TEXT => {
            return Err(call.invalid("attachment", Rule::Invalid));
        }
        (Some((file, content_type)), _, _) => {
            Some(Source::Upload { file_name: last_part(&file.file_name), content_type })
        }
        (None, Patch::Set(address), _) | (None, _, Patch::Set(address)) => {
            let is_web = address.starts_with("https://") || address.starts_with("http://");
            if !is_web || address.len() > domain::limits::TEXT * 8 {
                return Err(call.invalid("attachment", Rule::Invalid));
            }
            Some(Source::Address(address))
        }
        _ => None,
    };
    let alt = fields.text("alt");
    if matches!(&alt, Patch::Set(text) if text.chars().count() > domain::limits::LONG_TEXT) {
        let rule = Rule::TooLong { maximum: domain::limits::LONG_TEXT };
        return Err(call.invalid("alt", rule));
    }
    Ok(Said { alt, position: fields.integer("position"), source })
}

impl Said {
    fn write(self, image: &mut Image) {
        self.alt.write(&mut image.alt);
        image.position = self.position.unwrap_or(image.position);
        match self.source {
            None => {}
            Some(Source::Address(url)) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                image.file_name = Some(last_part(path)).filter(|name| !name.is_empty());
                image.content_type = None;
                image.url = url;
            }
            Some(Source::Upload { file_name, content_type }) => {
                image.file_name = Some(file_name);
                image.content_type = Some(content_type);
            }
        }
    }
}

/// The name without folders, within the bound of a short text.
fn last_part(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|character| !character.is_control()).take(domain::limits::TEXT).collect()
}
