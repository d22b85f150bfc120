//! Pictures of products and variants: somewhere on the web, or handed in and kept here. What a handed in file is, its
//! bytes say and not the caller. Its bytes are kept before the row that names them, and outlive it.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::fields::Fields;
use super::products;
use crate::apis::spree_family::refuse::{Fields as Errors, Refused};
use crate::apis::spree_family::views;
use crate::kit::params::UploadedFile;
use crate::server::address_of_file;
use domain::catalog::edit::{Bench, IMAGES, Patch};
use domain::catalog::{Image, Product, StockView, Variant};
use domain::refusal::{Refusal, Rule, Thing};
use domain::{ImageId, VariantId};
use engine::limits::FILE_BYTES;
use engine::{File, NotKept};
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
    let said = said(&call).await?;
    if said.place.is_none() {
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
    let (owner, id) = holder(&call)?;
    let said = said(&call).await?;
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
    place: Option<Place>,
}

/// Where a picture is, and what is known of it.
#[derive(Clone)]
struct Place {
    url: String,
    file_name: Option<String>,
    content_type: Option<String>,
}

/// Reads what is said, and keeps the file that was handed in with it, if the rest will do.
async fn said(call: &Call) -> Result<Said, Refused> {
    let fields = Fields(call.params.get("image"));
    let alt = fields.text("alt");
    if matches!(&alt, Patch::Set(text) if text.chars().count() > domain::limits::LONG_TEXT) {
        let rule = Rule::TooLong { maximum: domain::limits::LONG_TEXT };
        return Err(call.invalid("alt", rule));
    }
    let place = match (call.params.files().first(), fields.text("attachment"), fields.text("url")) {
        (Some(upload), _, _) => Some(handed_in(call, upload).await?),
        (None, Patch::Set(address), _) | (None, _, Patch::Set(address)) => Some(on_the_web(call, address)?),
        _ => None,
    };
    Ok(Said { alt, position: fields.integer("position"), place })
}

fn on_the_web(call: &Call, url: String) -> Result<Place, Refused> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web || url.len() > domain::limits::TEXT * 8 {
        return Err(call.invalid("attachment", Rule::Invalid));
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let file_name = Some(last_part(path)).filter(|name| !name.is_empty());
    Ok(Place { url, file_name, content_type: None })
}

async fn handed_in(call: &Call, upload: &UploadedFile) -> Result<Place, Refused> {
    let file = File::read(&upload.bytes).map_err(|not| match not {
        NotKept::NoPicture => call.invalid("attachment", Rule::Invalid),
        NotKept::TooLarge => {
            let sentence = format!("is too large (maximum is {} MB)", FILE_BYTES >> 20);
            Refused::invalid(Errors::one("attachment", sentence))
        }
    })?;
    let content_type = file.picture().content_type().to_owned();
    let extension = file.picture().extension();
    let key = call.app.engine.put_file(file).await.map_err(|error| call.trouble(&error))?;
    Ok(Place {
        url: address_of_file(&call.app.config.public_url, &key, extension),
        file_name: Some(last_part(&upload.file_name)),
        content_type: Some(content_type),
    })
}

impl Said {
    fn write(self, image: &mut Image) {
        self.alt.write(&mut image.alt);
        image.position = self.position.unwrap_or(image.position);
        if let Some(Place { url, file_name, content_type }) = self.place {
            image.url = url;
            image.file_name = file_name;
            image.content_type = content_type;
        }
    }
}

/// The name without folders, within the bound of a short text.
fn last_part(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|character| !character.is_control()).take(domain::limits::TEXT).collect()
}
