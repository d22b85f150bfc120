//! Staff with numbers at the edge of what can be counted: refused or kept, and every total after it still adds up.

use crate::front::*;

const EDGES: [&str; 14] = [
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "92233720368547758.07",
    "\"92233720368547758.07\"",
    "\"99999999999999999999\"",
    "2147483648",
    "-1",
    "1e308",
    "1E400",
    "\"NaN\"",
    "\"-Infinity\"",
    "\"٣\"",
    "[]",
];

#[tokio::test]
async fn prices_and_stock_at_the_edge_break_no_total() {
    for api in [Api::Solidus, Api::Spree] {
        let front = Front::open().await;
        let staff = front.staff(api);
        let order = front.basket(1).await;
        for edge in EDGES {
            for (method, path, body) in [
                (
                    "PUT",
                    "/variants/1",
                    format!(r#"{{"variant":{{"price":{edge},"weight":{edge},"cost_price":{edge}}}}}"#),
                ),
                ("PUT", "/products/1", format!(r#"{{"product":{{"price":{edge}}}}}"#)),
                (
                    "PUT",
                    "/stock_locations/1/stock_items/1",
                    format!(r#"{{"stock_item":{{"count_on_hand":{edge},"force":true}}}}"#),
                ),
                (
                    "PUT",
                    "/stock_locations/1/stock_items/1",
                    format!(r#"{{"stock_item":{{"count_on_hand":{edge}}}}}"#),
                ),
                (
                    "POST",
                    "/stock_locations/1/stock_movements",
                    format!(r#"{{"stock_movement":{{"quantity":{edge},"stock_item_id":1}}}}"#),
                ),
                ("GET", "/orders", String::new()),
            ] {
                let reply = staff.raw(method, path, "application/json", &body).await;
                assert!(reply.status < 500, "{api:?} {method} {path} {body}: {}", reply.body);
            }
            for quantity in [1, 1_000_000] {
                for by in APIS {
                    let deed = by.add(&order, &format!(r#""variant_id":1,"quantity":{quantity}"#));
                    let reply = front.act(by, &order, &deed).await;
                    assert!(reply.status < 500, "{api:?} {by:?} {edge}: {}", reply.body);
                }
            }
            let totals = front.order(&order).await["totals"].clone();
            assert!(totals["total"].as_i64().is_some_and(|total| total >= 0), "{api:?} {edge}: {totals}");
            front.is_sound().await;
        }
    }
}

#[tokio::test]
async fn parcels_are_packed_with_whole_pieces() {
    let front = Front::open().await;
    let order = front.basket(2).await;
    front.ready(&order).await;
    front.act(Api::Solidus, &order, &Api::Solidus.complete(&order)).await.json(200);
    let number = front.order(&order).await["shipments"][0]["number"].as_str().unwrap().to_owned();
    let pieces = front.pieces(&order).await;
    // An empty list is nothing at all, which is one piece here and all of them there; and taking out more than there
    // are takes out all of them.
    let edges = EDGES.into_iter().filter(|edge| !["[]", "2147483648"].contains(edge));
    for api in [Api::Solidus, Api::Spree] {
        for edge in edges.clone() {
            for action in ["add", "remove"] {
                let body = format!(r#"{{"variant_id":1,"quantity":{edge}}}"#);
                let path = format!("/shipments/{number}/{action}");
                let reply = front.staff(api).raw("PUT", &path, "application/json", &body).await;
                assert!(reply.status < 500, "{api:?} {action} {edge}: {}", reply.body);
            }
            for kind in ["location", "shipment"] {
                let body = format!(
                    r#"{{"original_shipment_number":"{number}","target_shipment_number":"{number}","stock_location_id":1,"variant_id":1,"quantity":{edge}}}"#
                );
                let path = format!("/shipments/transfer_to_{kind}");
                let reply = front.staff(api).raw("POST", &path, "application/json", &body).await;
                assert!(reply.status < 500, "{api:?} {kind} {edge}: {}", reply.body);
            }
        }
    }
    assert_eq!(front.pieces(&order).await, pieces);
    front.is_sound().await;
}

#[tokio::test]
async fn pages_and_searches_at_the_edge_are_answered() {
    let front = Front::open().await;
    front.basket(1).await;
    for api in APIS {
        for edge in
            ["9223372036854775807", "9223372036854775808", "-1", "0", "1e9", "NaN", "%D9%A3", "1.5", ""]
        {
            for path in [
                format!("/orders?page={edge}&per_page={edge}"),
                format!("/orders?limit={edge}&cursor={edge}"),
                format!("/orders?q[total_gt]={edge}&q[id_eq]={edge}"),
                format!("/orders?q[completed_at_gt]={edge}&q[s]=total+desc"),
                format!("/orders?q[s]={edge};DROP+TABLE+orders&sort={edge}"),
                format!("/products?page={edge}&per_page={edge}&ids={edge}"),
            ] {
                let reply = front.staff(api).get(&path).await;
                assert!(reply.status < 500, "{api:?} {path}: {}", reply.body);
            }
        }
    }
}
