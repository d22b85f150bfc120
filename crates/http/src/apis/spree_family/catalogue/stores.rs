//! Stores: how the shop calls itself. Staff's alone; the default store cannot be deleted.

use super::base::{Answer, Call, entity, no_content, reply_found};
use super::fields::Fields;
use crate::apis::spree_family::refuse::Refused;
use crate::apis::spree_family::views::{self, Lens};
use crate::kit::filter_value::FieldValue;
use domain::StorefrontId;
use domain::catalog::edit::{Bench, Faults, Patch};
use domain::catalog::{EntityKind, StockView, Storefront};
use domain::money::Currency;
use domain::refusal::{Refusal, Rule, Thing};
use engine::Reply;

const ATTRIBUTES: &[&str] = &[
    "name",
    "url",
    "code",
    "meta_description",
    "meta_keywords",
    "seo_title",
    "mail_from_address",
    "default_currency",
    "default",
];

pub async fn index(call: Call) -> Answer {
    call.staff_only()?;
    let rows = call.catalog.storefronts.values().map(|row| &**row);
    let none = StockView::default();
    let lens = call.lens(&none);
    call.search("stores", rows, &["id", "name", "url", "code"], column, |row| views::store(row, &lens))
}

fn column<'a>(row: &'a Storefront, name: &str) -> Option<FieldValue<'a>> {
    Some(match name {
        "id" => FieldValue::Int(row.id.0),
        "name" => row.name.as_str().into(),
        "url" => row.url.as_str().into(),
        _ => row.code.as_str().into(),
    })
}

pub async fn show(call: Call) -> Answer {
    call.staff_only()?;
    Ok(call.json(200, &views::store(find(&call)?, &call.lens(&StockView::default()))))
}

pub async fn create(mut call: Call) -> Answer {
    call.staff_only()?;
    call.params.wrap("store", ATTRIBUTES);
    let said = Said::read(call.root("store")?);
    let create = move |bench: &mut Bench<'_>| {
        let store = Storefront {
            id: StorefrontId::fresh(bench.ids()),
            name: String::new(),
            code: String::new(),
            url: String::new(),
            mail_from: String::new(),
            seo_title: None,
            meta_description: None,
            meta_keywords: None,
            default_currency: bench.catalog().settings.currency,
            multi_currency: None,
            is_default: bench.catalog().storefronts.is_empty(),
        };
        said.write(store, bench)
    };
    call.change(StockView::default(), create, |id, lens| view(201, *id, lens)).await
}

pub async fn update(mut call: Call) -> Answer {
    call.staff_only()?;
    let id = find(&call)?.id;
    call.params.wrap("store", ATTRIBUTES);
    let said = Said::read(call.root("store")?);
    let update = move |bench: &mut Bench<'_>| {
        let store = bench.catalog().storefronts.get(&id).ok_or(Refusal::NotFound(Thing::Entity))?;
        let store = Storefront::clone(store);
        said.write(store, bench)
    };
    call.change(StockView::default(), update, |id, lens| view(200, *id, lens)).await
}

pub async fn destroy(call: Call) -> Answer {
    call.staff_only()?;
    let store = find(&call)?;
    if store.is_default {
        return Err(call.dialect().cannot_delete());
    }
    let id = store.id;
    let delete = move |bench: &mut Bench<'_>| {
        entity(bench.catalog().storefronts.get(&id).is_some_and(|store| !store.is_default))?;
        bench.remove(EntityKind::Storefront, id.0);
        Ok(())
    };
    call.change(StockView::default(), delete, |(), _| no_content()).await
}

fn find(call: &Call) -> Result<&Storefront, Refused> {
    call.catalog
        .storefronts
        .get(&StorefrontId(call.id("id")?))
        .map(|row| &**row)
        .ok_or_else(Refused::not_found)
}

fn view(status: u16, id: StorefrontId, lens: &Lens<'_>) -> Reply {
    reply_found(status, lens.catalog.storefronts.get(&id).map(|store| views::store(store, lens)))
}

#[derive(Clone)]
struct Said {
    name: Patch<String>,
    code: Patch<String>,
    url: Patch<String>,
    mail_from: Patch<String>,
    /// `seo_title`, `meta_description`, `meta_keywords`.
    texts: [Patch<String>; 3],
    currency: Patch<String>,
    is_default: Option<bool>,
}

impl Said {
    fn read(fields: Fields<'_>) -> Said {
        Said {
            name: fields.text("name"),
            code: fields.text("code"),
            url: fields.text("url"),
            mail_from: fields.text("mail_from_address"),
            texts: ["seo_title", "meta_description", "meta_keywords"].map(|key| fields.text(key)),
            currency: fields.text("default_currency"),
            is_default: fields.flag("default"),
        }
    }

    fn write(&self, mut store: Storefront, bench: &mut Bench<'_>) -> Result<StorefrontId, Refusal> {
        let said = self.clone();
        let mut faults = Faults::default();
        for (name, patch, field) in [
            ("name", said.name, &mut store.name),
            ("code", said.code, &mut store.code),
            ("url", said.url, &mut store.url),
            ("mail_from_address", said.mail_from, &mut store.mail_from),
        ] {
            patch.write_or_default(field);
            faults.required_text(name, field);
        }
        if bench.catalog().storefronts.values().any(|other| other.id != store.id && other.code == store.code)
        {
            faults.add("code", Rule::Taken);
        }
        let fields = [
            ("seo_title", &mut store.seo_title),
            ("meta_description", &mut store.meta_description),
            ("meta_keywords", &mut store.meta_keywords),
        ];
        for ((name, field), patch) in fields.into_iter().zip(said.texts) {
            patch.write(field);
            faults.at_most(name, field.as_deref().unwrap_or_default(), domain::limits::LONG_TEXT);
        }
        if let Patch::Set(code) = said.currency {
            match Currency::from_code(&code) {
                Some(currency) => store.default_currency = currency,
                None => faults.add("default_currency", Rule::NotIncluded),
            }
        }
        faults.into_result()?;
        // The default moves to another store; it is never nowhere.
        if said.is_default == Some(true) && !store.is_default {
            store.is_default = true;
            let others =
                bench.catalog().storefronts.values().filter(|other| other.is_default && other.id != store.id);
            let others: Vec<Storefront> = others.map(|other| Storefront::clone(other)).collect();
            others.into_iter().for_each(|other| bench.put(Storefront { is_default: false, ..other }));
        }
        let id = store.id;
        bench.put(store);
        Ok(id)
    }
}
