//! The table of results.

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

use crate::{
    enqueue::Enqueued,
    lease::Called,
    overhead::{Cost, Held},
    used::Used,
};

/// All results.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) costs: Vec<Cost>,
    pub(crate) used: Vec<Used>,
    pub(crate) called: Vec<Called>,
    pub(crate) enqueued: Vec<Enqueued>,
}

pub(crate) fn summary(summary: &Summary) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(["", "measured", "", "ratio"]);
    for column in [1, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for cost in &summary.costs {
        add_cost(&mut table, cost, &summary.costs);
    }
    for used in &summary.used {
        add_used(&mut table, used);
    }
    for called in &summary.called {
        add_call(&mut table, called, &summary.called);
    }
    for enqueued in &summary.enqueued {
        let first = &summary.enqueued[0];
        let what = format!("enqueue, {} tenant(s)", enqueued.tenants);
        let ratio = enqueued.micros / first.micros;
        row(
            &mut table,
            &what,
            enqueued.micros,
            "us of Redis per job",
            Some(ratio),
        );
        let ratio = enqueued.bytes / first.bytes;
        row(
            &mut table,
            "  waiting",
            enqueued.bytes,
            "bytes per job",
            Some(ratio),
        );
    }
    println!("\n{table}");
}

fn add_cost(table: &mut Table, cost: &Cost, all: &[Cost]) {
    let (one, processes) = (&cost.drained, cost.drained.processes);
    let free = all
        .iter()
        .find(|other| other.held == Held::Free && other.drained.processes == processes)
        .map(|free| &free.drained);
    let what = format!("{}, {processes} process(es)", cost.held.name());
    let ratio = free.map(|free| one.rate / free.rate);
    row(table, &what, one.rate, "jobs/s", ratio);
    let ratio = free.map(|free| one.redis_micros / free.redis_micros);
    row(table, "  Redis", one.redis_micros, "us per job", ratio);
    let ratio = free.map(|free| one.worker_micros / free.worker_micros);
    row(table, "  worker", one.worker_micros, "us per job", ratio);
    if cost.held != Held::Free {
        row(table, "  slots missed", cost.missed, "per call", None);
    }
}

fn add_call(table: &mut Table, called: &Called, all: &[Called]) {
    // The ratio refers to the first call of the same sort: with as many jobs on the short queue, or without a job.
    let gives = called.job.is_some();
    let alike = |one: &&Called| one.batch == called.batch && one.job.is_some() == gives;
    let ratio = all.iter().find(alike).map(|first| called.call / first.call);
    let batch = if gives { called.batch } else { 0 };
    let what = format!("lease of {batch}, {}", called.what);
    row(table, &what, called.call, "us of Redis per call", ratio);
    if let Some(job) = called.job.filter(|_| batch > 1) {
        row(table, "  the same", job, "us of Redis per job", ratio);
    }
}

fn add_used(table: &mut Table, used: &Used) {
    let what = format!("limit of {} per second, 2 processes", used.limit);
    let ratio = used.calls as f64 / used.allowed;
    row(table, &what, used.calls as f64, "calls", Some(ratio));
    let most = used.busiest as f64;
    let ratio = most / f64::from(used.limit);
    row(table, "  most in any second", most, "calls", Some(ratio));
    row(table, "  slots missed", used.missed as f64, "", None);
}

fn row(table: &mut Table, what: &str, number: f64, unit: &str, ratio: Option<f64>) {
    let digits = if number.fract() == 0.0 || number >= 1000.0 {
        0
    } else if number < 0.1 {
        4
    } else {
        1
    };
    table.add_row([
        what.to_owned(),
        format!("{number:.digits$}"),
        unit.to_owned(),
        ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
    ]);
}
