//! Names as careful people would assess them, written by hand, theme by theme.
//!
//! A row of persons is: what is claimed, what the record holds, what comes of it, and why. Fields are divided by
//! `|`: one is the last name, two are first and last name, three have the middle name between them, and a fourth
//! of the record is the name from before a marriage. What comes of it is said for each claimed field in that
//! order, with the rule behind a colon where it matters, and `+` for a reason beside the fields.

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
