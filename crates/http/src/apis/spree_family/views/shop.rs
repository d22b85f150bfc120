//! The shop's own settings: zones, the store, properties and promotions.

use super::Lens;
use crate::kit::format::{Timestamp, timestamp};
use domain::catalog::{Geography, Promotion, Property, Storefront, Zone, ZonePlace};
use domain::{PromotionId, PropertyId, StorefrontId, ZoneId};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct ZoneView<'a> {
    id: ZoneId,
    name: &'a str,
    description: &'a str,
    zone_members: Vec<ZoneMemberView<'a>>,
}

#[derive(Debug, Serialize)]
struct ZoneMemberView<'a> {
    id: i64,
    name: Option<&'a str>,
    zoneable_type: &'static str,
    zoneable_id: i64,
}

pub fn zone<'a>(zone: &'a Zone, geography: &'a Geography) -> ZoneView<'a> {
    let members = zone.members.iter().map(|member| match member.place {
        ZonePlace::Country(id) => ZoneMemberView {
            id: member.id,
            name: geography.country(id).map(|country| country.name.as_str()),
            zoneable_type: "Spree::Country",
            zoneable_id: id.0,
        },
        ZonePlace::State(id) => ZoneMemberView {
            id: member.id,
            name: geography.state(id).map(|state| state.name.as_str()),
            zoneable_type: "Spree::State",
            zoneable_id: id.0,
        },
    });
    ZoneView {
        id: zone.id,
        name: &zone.name,
        description: &zone.description,
        zone_members: members.collect(),
    }
}

#[derive(Debug, Serialize)]
pub struct StoreView<'a> {
    id: StorefrontId,
    name: &'a str,
    url: &'a str,
    meta_description: Option<&'a str>,
    meta_keywords: Option<&'a str>,
    seo_title: Option<&'a str>,
    mail_from_address: &'a str,
    default_currency: &'static str,
    code: &'a str,
    default: bool,
    #[serde(flatten)]
    locale: Option<StoreLocale>,
}

/// What only Solidus tells of a store.
#[derive(Debug, Serialize)]
struct StoreLocale {
    available_locales: [&'static str; 1],
    bcc_email: Option<&'static str>,
    reverse_charge_status: &'static str,
}

pub fn store<'a>(store: &'a Storefront, lens: &Lens<'_>) -> StoreView<'a> {
    StoreView {
        id: store.id,
        name: &store.name,
        url: &store.url,
        meta_description: store.meta_description.as_deref(),
        meta_keywords: store.meta_keywords.as_deref(),
        seo_title: store.seo_title.as_deref(),
        mail_from_address: &store.mail_from,
        default_currency: store.default_currency.code(),
        code: &store.code,
        default: store.is_default,
        locale: lens.solidus(StoreLocale {
            available_locales: ["en"],
            bcc_email: None,
            reverse_charge_status: "disabled",
        }),
    }
}

#[derive(Debug, Serialize)]
pub struct PropertyView<'a> {
    id: PropertyId,
    name: &'a str,
    presentation: &'a str,
}

pub fn property(property: &Property) -> PropertyView<'_> {
    PropertyView { id: property.id, name: &property.name, presentation: &property.presentation }
}

#[derive(Debug, Serialize)]
pub struct PromotionView<'a> {
    id: PromotionId,
    name: &'a str,
    description: &'a str,
    expires_at: Option<Timestamp>,
    starts_at: Option<Timestamp>,
    /// There is one type of promotion only.
    r#type: Option<&'a str>,
    usage_limit: Option<u32>,
    /// All rules must hold, always.
    #[serde(skip_serializing_if = "Option::is_none")]
    match_policy: Option<&'static str>,
    /// The first of them; `null` for a promotion that applies by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Option<&'a str>>,
    advertise: bool,
    path: Option<&'a str>,
}

pub fn promotion<'a>(promotion: &'a Promotion, lens: &Lens<'_>) -> PromotionView<'a> {
    PromotionView {
        id: promotion.id,
        name: &promotion.name,
        description: &promotion.description,
        expires_at: promotion.period.until.map(timestamp),
        starts_at: promotion.period.from.map(timestamp),
        r#type: None,
        usage_limit: promotion.usage_limit,
        match_policy: lens.spree("all"),
        code: lens.spree(promotion.codes.first().map(String::as_str)),
        advertise: promotion.advertise,
        path: promotion.path.as_deref(),
    }
}
