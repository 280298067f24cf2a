//! The measurements and their medians.

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

/// One measurement.
#[derive(Clone, Copy)]
pub(crate) struct Leg {
    /// Lookups per second.
    pub rate: f64,
    /// CPU time of the process that makes the lookups, in microseconds per lookup.
    pub worker: f64,
    /// CPU time of Redis, in microseconds per lookup.
    pub redis: f64,
}

/// The measurements of the same work in three ways, over several rounds.
#[derive(Default)]
pub(crate) struct Rounds {
    pub scalar: Vec<Leg>,
    pub simd: Vec<Leg>,
    pub whole: Vec<Leg>,
}

impl Rounds {
    /// Returns the median of the ratios within each round, which does not depend on the drift of the machine.
    fn ratio(&self, floor: &[Leg]) -> f64 {
        let ratios = self.whole.iter().zip(floor);
        median(
            ratios
                .map(|(whole, floor)| whole.rate / floor.rate)
                .collect(),
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn of(legs: &[Leg], figure: fn(&Leg) -> f64) -> f64 {
    median(legs.iter().map(figure).collect())
}

/// The table of results, with one row for each setting.
pub(crate) struct Report(Table);

impl Report {
    pub(crate) fn new() -> Self {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED);
        table.set_header([
            "provider",
            "at once",
            "bare, /s",
            "bare, SIMD, /s",
            "whole job, /s",
            "of bare",
            "of SIMD",
            "bare, us",
            "SIMD, us",
            "worker, us",
            "Redis, us",
        ]);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        Self(table)
    }

    pub(crate) fn row(&mut self, provider: &str, at_once: usize, rounds: &Rounds) {
        let whole = |number: f64| format!("{number:.0}");
        self.0.add_row([
            provider.to_owned(),
            at_once.to_string(),
            whole(of(&rounds.scalar, |leg| leg.rate)),
            whole(of(&rounds.simd, |leg| leg.rate)),
            whole(of(&rounds.whole, |leg| leg.rate)),
            format!("{:.2}", rounds.ratio(&rounds.scalar)),
            format!("{:.2}", rounds.ratio(&rounds.simd)),
            whole(of(&rounds.scalar, |leg| leg.worker)),
            whole(of(&rounds.simd, |leg| leg.worker)),
            whole(of(&rounds.whole, |leg| leg.worker)),
            whole(of(&rounds.whole, |leg| leg.redis)),
        ]);
    }

    pub(crate) fn print(&self) {
        println!("{}", self.0);
    }
}
