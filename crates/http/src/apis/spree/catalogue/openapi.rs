//! What the reference says of these paths; the forms of new resources (`…/new`) are left out.
//!
//! A list and no more: whoever adds a path on the page of routes adds it here.

use crate::apis::spree_family::openapi::Operation;

pub const OPERATIONS: &[Operation] = &[
    ("/products", "get", "Lists products on sale; staff sees the others as well."),
    ("/products", "post", "Makes a product (staff)."),
    ("/products/{id}", "get", "Shows a product, by slug or id."),
    ("/products/{id}", "put", "Changes a product (staff)."),
    ("/products/{id}", "delete", "Takes a product off sale for good (staff)."),
    ("/products/{id}/variants", "get", "Lists a product's variants."),
    ("/products/{id}/variants", "post", "Makes a variant (staff)."),
    ("/products/{id}/images", "get", "Lists a product's pictures."),
    ("/products/{id}/images", "post", "Adds a picture: a file, or the address of one (staff)."),
    ("/products/{id}/product_properties", "get", "Lists a product's properties."),
    ("/products/{id}/product_properties", "post", "Gives a product a property (staff)."),
    ("/products/{id}/product_properties/{nested}", "put", "Changes a product's property (staff)."),
    ("/products/{id}/product_properties/{nested}", "delete", "Removes a product's property (staff)."),
    ("/variants", "get", "Lists variants with their stock."),
    ("/variants/{id}", "get", "Shows a variant with its stock."),
    ("/variants/{id}", "put", "Changes a variant (staff)."),
    ("/variants/{id}", "delete", "Takes a variant off sale for good (staff)."),
    ("/option_types", "get", "Lists option types with their values."),
    ("/option_types", "post", "Makes an option type (staff)."),
    ("/option_types/{id}", "put", "Changes an option type (staff)."),
    ("/option_types/{id}/option_values", "post", "Makes an option value (staff)."),
    ("/option_values", "get", "Lists option values."),
    ("/properties", "get", "Lists properties."),
    ("/properties", "post", "Makes a property (staff)."),
    ("/taxonomies", "get", "Lists trees of taxons."),
    ("/taxonomies", "post", "Makes a tree (staff)."),
    ("/taxonomies/{id}", "get", "Shows a tree; `set=nested` all the way down."),
    ("/taxonomies/{id}", "put", "Changes a tree (staff)."),
    ("/taxonomies/{id}", "delete", "Removes a tree (staff)."),
    ("/taxonomies/{id}/jstree", "get", "Shows a tree's root as a node of the tree widget."),
    ("/taxonomies/{id}/taxons", "get", "Lists the taxons below the root."),
    ("/taxonomies/{id}/taxons", "post", "Makes a taxon (staff)."),
    ("/taxonomies/{id}/taxons/{nested}", "get", "Shows a taxon."),
    ("/taxonomies/{id}/taxons/{nested}", "put", "Changes a taxon (staff)."),
    ("/taxonomies/{id}/taxons/{nested}", "delete", "Removes a taxon and those below it (staff)."),
    (
        "/taxonomies/{id}/taxons/{nested}/jstree",
        "get",
        "Lists what is below a taxon as nodes of the tree widget.",
    ),
    ("/taxons", "get", "Lists taxons of all trees."),
    ("/taxons/products", "get", "Lists the products of a taxon."),
    ("/stock_locations", "get", "Lists stock locations (staff)."),
    ("/stock_locations", "post", "Makes a stock location (staff)."),
    ("/stock_locations/{id}", "get", "Shows a stock location (staff)."),
    ("/stock_locations/{id}", "put", "Changes a stock location (staff)."),
    ("/stock_locations/{id}", "delete", "Removes a stock location (staff)."),
    ("/stock_locations/{id}/stock_items", "get", "Lists what is at a location (staff)."),
    ("/stock_locations/{id}/stock_items", "post", "Stocks a variant at a location (staff)."),
    ("/stock_locations/{id}/stock_items/{nested}", "get", "Shows a stock item (staff)."),
    ("/stock_locations/{id}/stock_movements", "get", "Lists what came and went (staff)."),
    ("/stock_locations/{id}/stock_movements", "post", "Adds to what is on hand, or takes from it (staff)."),
    ("/stock_items", "get", "Lists what is at the location named by `stock_location_id` (staff)."),
    ("/stock_items/{id}", "put", "Adds to a count, or sets it with `force` (staff)."),
    ("/stock_items/{id}", "delete", "Removes a stock item (staff)."),
    ("/countries", "get", "Lists countries."),
    ("/countries/{id}", "get", "Shows a country with its states."),
    ("/countries/{id}/states", "get", "Lists a country's states."),
    ("/states", "get", "Lists states."),
    ("/states/{id}", "get", "Shows a state."),
    ("/zones", "get", "Lists zones."),
    ("/zones", "post", "Makes a zone (staff)."),
    ("/zones/{id}", "get", "Shows a zone."),
    ("/zones/{id}", "put", "Changes a zone (staff)."),
    ("/zones/{id}", "delete", "Removes a zone (staff)."),
    ("/users", "get", "Lists accounts; buyers find their own."),
    ("/users", "post", "Makes an account."),
    ("/users/{id}", "get", "Shows an account to its owner and staff."),
    ("/users/{id}", "put", "Changes an account."),
    ("/users/{id}", "delete", "Removes an account without complete orders."),
    ("/users/{id}/credit_cards", "get", "Lists an account's saved cards."),
    ("/promotions/{id}", "get", "Shows a promotion, by id or code (staff)."),
    ("/stores", "get", "Lists stores (staff)."),
    ("/stores", "post", "Makes a store (staff)."),
    ("/stores/{id}", "get", "Shows a store (staff)."),
    ("/stores/{id}", "put", "Changes a store (staff)."),
    ("/stores/{id}", "delete", "Removes a store that is not the default (staff)."),
    ("/config", "get", "Shows the default country."),
    ("/config/money", "get", "Shows the currency's symbol."),
    ("/tags", "get", "An empty list: there are no tags (staff)."),
    ("/customer_returns", "get", "Lists what came back, of all orders (staff)."),
    ("/reimbursements", "get", "An empty list: money goes back by payments (staff)."),
    ("/orders/{order_id}/shipments", "get", "Lists an order's shipments."),
    ("/orders/{order_id}/shipments/{shipment_number}", "get", "Shows a shipment."),
];

#[cfg(test)]
mod tests {
    use super::OPERATIONS;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_in_the_reference_beside_those_of_orders() {
        let document = crate::apis::spree::API.openapi;
        let paths = document()["paths"].clone();
        let names: BTreeSet<_> = OPERATIONS.iter().map(|(path, method, _)| (path, method)).collect();
        assert_eq!(names.len(), OPERATIONS.len(), "none twice");
        for (path, method, summary) in OPERATIONS {
            assert_eq!(paths[path][method]["summary"], *summary);
        }
        assert!(paths["/checkouts/{order_id}/next"]["put"].is_object());
    }
}
