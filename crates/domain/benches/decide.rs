//! What `decide` costs by the lines of an order: ten times the lines should cost ten times as much, not a
//! hundred times.

mod shop;

use divan::Bencher;
use domain::command::{Command, Go};
use domain::decide;
use domain::decision::Context;
use domain::user::{Actor, Who};
use shop::{LINES, NEW, Shop, go, line, order_of};

fn main() {
    divan::main();
}

#[divan::bench(args = LINES)]
fn add_line(bencher: Bencher<'_, '_>, lines: usize) {
    let (shop, order) = order_of(lines);
    with_context(&shop, |context| {
        bencher
            .with_inputs(|| Command::AddLine(line(NEW, 1)))
            .bench_local_values(|command| decide(Some(&order), command, context));
    });
}

#[divan::bench(args = LINES)]
fn complete_with_a_check(bencher: Bencher<'_, '_>, lines: usize) {
    let (shop, order) = order_of(lines);
    with_context(&shop, |context| {
        bencher
            .with_inputs(|| go(Go::Complete))
            .bench_local_values(|command| decide(Some(&order), command, context));
    });
}

/// A cart filled by one command, line by line.
#[divan::bench(args = LINES)]
fn fill_a_cart(bencher: Bencher<'_, '_>, lines: usize) {
    use domain::command::{LineChange, NewOrder, OrderEdit};
    let (shop, order) = order_of(lines);
    let adds = order.lines.iter().map(|known| LineChange::Add(line(known.variant, known.quantity)));
    let edit = OrderEdit { lines: adds.collect(), ..OrderEdit::default() };
    with_context(&shop, |context| {
        bencher
            .with_inputs(|| Command::Create(Box::new(NewOrder { edit: edit.clone(), ..NewOrder::default() })))
            .bench_local_values(|command| decide(None, command, context));
    });
}

/// Runs `measure` with the context of a guest's command; making it is not part of the measure.
fn with_context(shop: &Shop, measure: impl FnOnce(&Context<'_>)) {
    let stock = shop.ledger.view(shop.now);
    let actor = Actor { who: Who::Guest, via: shop.channel.key.clone() };
    measure(&Context {
        catalog: &shop.catalog,
        via: &shop.channel,
        origin: &shop.channel,
        actor: &actor,
        buyer: &shop.buyer,
        stock: &stock,
        now: shop.now,
        ids: &shop.ids,
        entropy: &shop.dice,
    });
}
