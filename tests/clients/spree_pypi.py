#!/usr/bin/env python3
"""Runs the published Python client `spree` (version 0.4.2, of 2016) against a running server, unpatched.

    CASHWRAP_URL=http://127.0.0.1:8080 CASHWRAP_KEY=<an admin's key> python3 tests/clients/spree_pypi.py

It prints what it did and exits with 1 if an answer was not what the client needs, with 2 if the client cannot be
installed. The package forgets to say that it needs `requests`, so both are installed, into a directory of their own:
below `CASHWRAP_CLIENTS` if that is set, where the next run finds them, else one that is thrown away.
Under Python 3 its pages cannot be iterated (`next` is not `__next__`); the script reads `items`, as its users do.
"""

import os
import subprocess
import sys
import tempfile
import venv

PACKAGES = ["spree==0.4.2", "requests"]
INSTALLED = "SPREE_CLIENT_INSTALLED"


def installed_elsewhere() -> int:
    """Installs the client into an environment of its own and runs this script again in there."""
    kept = os.environ.get("CASHWRAP_CLIENTS")
    if kept:
        return run_in(os.path.abspath(os.path.join(kept, "spree")))
    with tempfile.TemporaryDirectory() as home:
        return run_in(home)


def run_in(home: str) -> int:
    python = os.path.join(home, "bin", "python")
    if not os.path.exists(python) or subprocess.run([python, "-c", "import spree, requests"], capture_output=True).returncode:
        print(f"installing {' and '.join(PACKAGES)} into {home}")
        venv.create(home, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], capture_output=True, text=True)
        if done.returncode != 0:
            print(f"The client cannot be installed, so nothing was tried:\n{done.stderr.strip()}")
            return 2
    return subprocess.run([python, __file__], env={**os.environ, INSTALLED: "1"}).returncode


def check(what: str, holds: bool) -> None:
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        raise SystemExit(1)


def walk(resource):
    """Every record of a resource, page by page."""
    page = resource.find()
    records = []
    while page:
        check(f"page {page.page} of {page.pages} of {resource.path}, {page.count} records", page.count == len(page.items))
        records += page.items
        page = page.next_page()
    return records


def products(shop) -> dict:
    shop_products = shop.product
    shop_products.per_page = 4
    every = walk(shop_products)
    check(f"{len(every)} products, none twice", len({one["id"] for one in every}) == len(every) > 4)
    found = shop.product.find(filters={"q[name_eq]": every[0]["name"]})
    check(f"search by name finds {every[0]['name']!r}", found.items[0]["id"] == every[0]["id"])
    by_slug = shop.product.get(every[0]["slug"])
    check("a product by its slug", by_slug["id"] == every[0]["id"])
    made = shop.product.create({
        "name": "Client's own", "price": "12.50", "sku": f"CLIENT-{os.getpid()}",
        "shipping_category_id": every[0]["shipping_category_id"],
    })
    check("a product is made", made["price"] == "12.5")
    changed = shop.product.update(made["id"], {"name": "Client's other", "price": "13"})
    check("and changed", (changed["name"], changed["price"]) == ("Client's other", "13.0"))
    variant = shop.variant().get(made["master"]["id"])
    check("its variant is found by id", variant["sku"] == made["master"]["sku"])
    check("and below its product", shop.variant(made["slug"]).find().count == 1)
    return variant


def stock(shop, variant: dict) -> None:
    locations = walk(shop.stock_locations)
    check(f"{len(locations)} stock location(s)", bool(locations))
    items = shop.get_stock_item(locations[0]["id"])
    found = items.find(filters={"q[variant_id_eq]": variant["id"]}).items
    check("the new variant has one stock item, with none on hand", [one["count_on_hand"] for one in found] == [0])
    item = found[0]["id"]
    check("10 are put there", items.update(item, {"count_on_hand": 10, "force": True})["count_on_hand"] == 10)
    check("5 are added", items.update(item, {"count_on_hand": 5})["count_on_hand"] == 15)
    check("and read again", items.get(item)["count_on_hand"] == 15)


def placed_order(shop, variant: dict) -> dict:
    """A paid order. The client has no checkout, so its session is used for that."""

    def call(method: str, path: str, **body):
        answer = shop.session.request(method, shop.url + path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    states = call("GET", "/countries/840")["states"]
    home = {
        "firstname": "Ada", "lastname": "Lovelace", "address1": "1 Pine St", "city": "Seattle", "zipcode": "98101",
        "phone": "206 555 0100", "country_id": 840, "state_id": next(s["id"] for s in states if s["abbr"] == "WA"),
    }
    number = call("POST", "/orders", order={
        "email": "ada@example.com", "line_items": [{"variant_id": variant["id"], "quantity": 2}],
    })["number"]
    path = f"/checkouts/{number}"
    call("PUT", path)
    call("PUT", path, order={"bill_address_attributes": home, "ship_address_attributes": home})
    methods = call("PUT", path)["payment_methods"]
    card = next(method for method in methods if method["name"] == "Credit Card")
    source = {"number": "4111111111111111", "month": "12", "year": "2039", "verification_value": "123", "name": "Ada"}
    order = call("PUT", path, order={"payments_attributes": [{"payment_method_id": card["id"], "source_attributes": source}]})
    while order["state"] != "complete":
        order = call("PUT", path)
    for payment in order["payments"]:
        call("PUT", f"/orders/{number}/payments/{payment['number']}/capture")
    return order


def shipments(shop, variant: dict) -> None:
    order = placed_order(shop, variant)
    number = order["number"]
    check(f"order {number} is among the orders", number in {one["number"] for one in shop.order.find(filters={"q[number_eq]": number}).items})
    inside = shop.order.get(number)["shipments"]
    parcels = shop.shipment(number)
    check("its shipments are read below it", [one["number"] for one in parcels.find().items] == [one["number"] for one in inside])
    parcel = inside[0]["number"]
    check("and one by one", parcels.get(parcel)["state"] == "ready")
    check("a tracking number is noted", parcels.update(parcel, {"tracking": "1Z9"})["tracking"] == "1Z9")
    check("ready stays ready", parcels.ready(parcel, {})["state"] == "ready")
    check("one piece more", parcels.add(parcel, {"variant_id": variant["id"], "quantity": 1})["manifest"][0]["quantity"] == 3)
    check("and one less", parcels.remove(parcel, {"variant_id": variant["id"], "quantity": 1})["manifest"][0]["quantity"] == 2)
    check("it is shipped", parcels.ship(parcel, {"tracking": "1Z10"})["state"] == "shipped")
    left = shop.variant().get(variant["id"])
    check("13 of 15 pieces are left", left["total_on_hand"] == 13)


def refusals(shop) -> None:
    from spree.exceptions import ResourceNotFound

    try:
        shop.product.get("no-such-thing")
    except ResourceNotFound:
        check("what is not there is the client's own ResourceNotFound", True)
    else:
        check("what is not there is the client's own ResourceNotFound", False)


def main() -> int:
    try:
        from spree import Spree
    except ImportError:
        if os.environ.get(INSTALLED):
            print("The client was installed and cannot be imported all the same.")
            return 2
        return installed_elsewhere()
    shop = Spree(os.environ["CASHWRAP_URL"].rstrip("/") + "/spree/api/v1", os.environ["CASHWRAP_KEY"])
    variant = products(shop)
    stock(shop, variant)
    shipments(shop, variant)
    refusals(shop)
    print("The client can do what it does.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
