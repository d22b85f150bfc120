//! The page of an order, for whoever has its secret. A wrong secret and an unknown order are the same page.

use super::show::OrderPage;
use super::token::{Shown, swapped};
use super::{Pages, answer, links, not_found};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::ticketing;
use engine::ports::OrderKey;

/// What the address says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    id: Option<String>,
    guest_token: Option<String>,
    embed: Option<String>,
}

/// An address with a parameter twice is as good as one without any.
type Said = Result<Query<Asked>, QueryRejection>;

/// `GET /cart?id=NUMBER`
pub async fn cart(State(pages): State<Pages>, asked: Said, headers: HeaderMap) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let number = asked.id.clone().unwrap_or_default();
    let path = format!("{}?id={number}", links::CART);
    show(&pages, &number, &asked, &headers, &path).await
}

/// `GET /cart/checkout/NUMBER`
pub async fn checkout(
    State(pages): State<Pages>,
    Path(number): Path<String>,
    asked: Said,
    headers: HeaderMap,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let path = format!("{}/checkout/{number}", links::CART);
    show(&pages, &number, &asked, &headers, &path).await
}

async fn show(pages: &Pages, number: &str, asked: &Asked, headers: &HeaderMap, path: &str) -> Response {
    let engine = &pages.app.engine;
    let shown = Shown::read(asked.guest_token.as_deref(), number, headers);
    let order = match engine.order(&OrderKey::Number(number.to_owned())).await {
        Ok(Some(order)) if shown.opens(&order) => order,
        Ok(_) => return not_found(pages),
        Err(trouble) => return answer::broken(pages, &trouble),
    };
    let embedded = asked.embed.as_deref().is_some_and(|embed| embed != "0");
    if !embedded && let Some(elsewhere) = swapped(shown, &order, headers, path, &pages.app.config.public_url)
    {
        return elsewhere;
    }
    let catalog = engine.catalog();
    let origins = ticketing::customization(&order, &catalog).map(|row| row.embed_origins.clone());
    let page = OrderPage::new(&order, &catalog, engine.now(), embedded);
    answer::page(StatusCode::OK, &page, &origins.unwrap_or_default())
}
