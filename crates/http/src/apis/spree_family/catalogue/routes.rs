//! The paths of the catalogue that both dialects have: products, stock, places, people, and the shop's settings.
//!
//! What only one of them has stands in its own folder.

use super::{
    cards, geography, images, locations, misc, options, products, promotions, properties, stock, stores,
    taxons, users, variants, zones,
};
use crate::apis::spree_family::{update, uploads};
use crate::server::AppState;
use axum::Router;
use axum::routing::get;

/// Every path that both have.
pub fn routes() -> Router<AppState> {
    Router::new()
        .merge(goods())
        .merge(categories())
        .merge(stock_routes())
        .merge(places())
        .merge(people())
        .route("/config", get(misc::config))
        .route("/config/money", get(misc::money))
        .route("/stores", get(stores::index).post(stores::create))
        .route("/stores/new", get(misc::new_store))
        .route("/stores/{id}", get(stores::show).merge(update(stores::update)).delete(stores::destroy))
        .route("/promotions/{id}", get(promotions::show))
}

fn goods() -> Router<AppState> {
    Router::new()
        .route("/products", get(products::index).post(products::create))
        .route("/products/new", get(misc::new_product))
        .route(
            "/products/{id}",
            get(products::show).merge(update(products::update)).delete(products::destroy),
        )
        .route("/products/{id}/variants", get(variants::index).post(variants::create))
        .route("/products/{id}/variants/new", get(misc::new_variant))
        .route(
            "/products/{id}/variants/{nested}",
            get(variants::show).merge(update(variants::update)).delete(variants::destroy),
        )
        .route("/products/{id}/images", uploads(get(images::of_product).post(images::create)))
        .route("/products/{id}/images/new", get(misc::new_image))
        .route(
            "/products/{id}/images/{nested}",
            uploads(get(images::show_of_product).merge(update(images::update)).delete(images::destroy)),
        )
        .route("/products/{id}/product_properties", get(properties::values).post(properties::create_value))
        .route("/products/{id}/product_properties/new", get(misc::new_product_property))
        .route(
            "/products/{id}/product_properties/{nested}",
            get(properties::value).merge(update(properties::update_value)).delete(properties::destroy_value),
        )
        .route("/variants", get(variants::index).post(variants::create))
        .route("/variants/new", get(misc::new_variant))
        .route(
            "/variants/{id}",
            get(variants::show).merge(update(variants::update)).delete(variants::destroy),
        )
        .route("/variants/{id}/images", uploads(get(images::of_variant).post(images::create_of_variant)))
        .route("/variants/{id}/images/new", get(misc::new_image))
        .route(
            "/variants/{id}/images/{nested}",
            uploads(get(images::show_of_variant).merge(update(images::update)).delete(images::destroy)),
        )
}

fn categories() -> Router<AppState> {
    Router::new()
        .route("/taxonomies", get(taxons::taxonomies).post(taxons::create_taxonomy))
        .route("/taxonomies/new", get(misc::new_taxonomy))
        .route(
            "/taxonomies/{id}",
            get(taxons::taxonomy).merge(update(taxons::update_taxonomy)).delete(taxons::destroy_taxonomy),
        )
        .route("/taxonomies/{id}/taxons", get(taxons::taxons).post(taxons::create_taxon))
        .route("/taxonomies/{id}/taxons/new", get(misc::new_taxon))
        .route(
            "/taxonomies/{id}/taxons/{nested}",
            get(taxons::taxon).merge(update(taxons::update_taxon)).delete(taxons::destroy_taxon),
        )
        .route("/taxons", get(taxons::taxons))
        .route("/taxons/products", get(taxons::products))
        .route("/classifications", update(taxons::classify))
        .route("/properties", get(properties::index).post(properties::create))
        .route("/properties/new", get(misc::new_property))
        .route(
            "/properties/{id}",
            get(properties::show).merge(update(properties::update)).delete(properties::destroy),
        )
        .route("/option_types", get(options::types).post(options::create_type))
        .route("/option_types/new", get(misc::new_option_type))
        .route(
            "/option_types/{id}",
            get(options::show_type).merge(update(options::update_type)).delete(options::destroy_type),
        )
        .route("/option_types/{id}/option_values", get(options::values).post(options::create_value))
        .route("/option_types/{id}/option_values/new", get(misc::new_option_value))
        .route(
            "/option_types/{id}/option_values/{value}",
            get(options::show_value).merge(update(options::update_value)).delete(options::destroy_value),
        )
        .route("/option_values", get(options::values).post(options::create_value))
        .route("/option_values/new", get(misc::new_option_value))
        .route(
            "/option_values/{value}",
            get(options::show_value).merge(update(options::update_value)).delete(options::destroy_value),
        )
}

fn stock_routes() -> Router<AppState> {
    Router::new()
        .route("/stock_locations", get(locations::index).post(locations::create))
        .route("/stock_locations/new", get(misc::new_stock_location))
        .route(
            "/stock_locations/{id}",
            get(locations::show).merge(update(locations::update)).delete(locations::destroy),
        )
        .route("/stock_locations/{id}/stock_items", get(stock::items).post(stock::create_item))
        .route(
            "/stock_locations/{id}/stock_items/{nested}",
            get(stock::item).merge(update(stock::update_item)).delete(stock::destroy_item),
        )
        .route("/stock_locations/{id}/stock_movements", get(stock::movements).post(stock::create_movement))
        .route("/stock_locations/{id}/stock_movements/new", get(misc::new_stock_movement))
        .route("/stock_locations/{id}/stock_movements/{nested}", get(stock::movement))
        .route("/stock_items", get(stock::items))
        .route("/stock_items/{id}", update(stock::update_item).delete(stock::destroy_item))
}

fn places() -> Router<AppState> {
    Router::new()
        .route("/countries", get(geography::countries))
        .route("/countries/{id}", get(geography::country))
        .route("/countries/{id}/states", get(geography::states))
        .route("/countries/{id}/states/{nested}", get(geography::state))
        .route("/states", get(geography::states))
        .route("/states/{id}", get(geography::state))
        .route("/zones", get(zones::index).post(zones::create))
        .route("/zones/new", get(misc::new_zone))
        .route("/zones/{id}", get(zones::show).merge(update(zones::update)).delete(zones::destroy))
}

fn people() -> Router<AppState> {
    Router::new()
        .route("/users", get(users::index).post(users::create))
        .route("/users/new", get(misc::new_user))
        .route("/users/{id}", get(users::show).merge(update(users::update)).delete(users::destroy))
        .route("/users/{id}/credit_cards", get(cards::index))
}
