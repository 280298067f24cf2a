//! Tables of names with the expected results, written by hand and divided by theme.
//!
//! A row has the claim, the record, the expected results, and a note. Names are separated by `|`: one is the last name, two are
//! the first and the last name, and three have the middle name between them. A fourth name of a record is the one from before a
//! marriage. The expected results are those of the claimed fields in this order, with the rule after a colon where it matters,
//! and `+` before a further reason.

mod abbreviated;
mod addresses;
mod arbitrary;
mod companies;
mod double_barrelled;
mod empty;
mod hausa;
mod igbo;
mod lost_letters;
mod married;
mod one_token;
mod others;
mod reordered;
mod strangers;
mod support;
mod titles;
mod transposed;
mod values;
mod yoruba;

#[test]
fn there_are_at_least_150_pairs_of_persons() {
    let tables = [
        abbreviated::ROWS,
        double_barrelled::ROWS,
        empty::ROWS,
        hausa::ROWS,
        igbo::ROWS,
        lost_letters::ROWS,
        married::ROWS,
        one_token::ROWS,
        others::ROWS,
        reordered::ROWS,
        strangers::ROWS,
        titles::ROWS,
        transposed::ROWS,
        yoruba::ROWS,
    ];
    let rows: usize = tables.iter().map(|rows| rows.len()).sum();
    assert!(rows >= 150, "{rows}");
}
