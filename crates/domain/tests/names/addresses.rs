//! Addresses of companies.

use crate::support::{Row, companies};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("12 Broad St, Lagos", "No. 12, Broad Street, Lagos State", "match", "abbreviations and fillers"),
    ("No.12 Broad Street Lagos", "12, BROAD STR., LAGOS, NIGERIA", "match", "abbreviations and fillers"),
    ("Plot5 Awolowo Rd Ikoyi", "Plot 5, Awolowo Road, Ikoyi", "match", "a number without its blank"),
    ("Opp. Total, Ring Rd, Ibadan", "Opposite Total, Ring Road, Ibadan", "match", "opposite"),
    ("12A Broad Street Lagos", "12 Broad Street Lagos", "partial", "a letter behind the number"),
    ("21 Broad Street Lagos", "12 Broad Street Lagos", "mismatch:numbers_differ", "another house"),
    ("12 Broad Street Ibadan", "12 Broad Street Lagos", "partial:enough_words", "three of four"),
    ("12 Broad Street Ikoyi Abuja", "12 Broad Avenue Kano", "mismatch", "two of five"),
    ("Lagos", "12 Broad Street Lagos", "partial:part_of_address", "a town is not an address"),
    ("Broad Street Lagos", "12 Broad Street Lagos", "partial:part_of_address", "any house of the street"),
    ("10 Kano Street Kaduna", "10 Kaduna Street Kano", "partial:order_differs", "two streets in two towns"),
    ("12 Broad Street, Lagos", "Flat 12, 21 Broad Street, Lagos", "partial:part_of_address", "12 is the flat"),
    ("12 Broad Street, Lagos 101001", "21 Broad Street, Lagos 101001", "mismatch:numbers_differ", "the post code alone"),
    ("Block 5 Plot 12, Wuse, Abuja", "Block 5 Plot 21, Wuse, Abuja", "mismatch:numbers_differ", "another plot"),
    ("12 Awolwo Road", "12 Awolowo Road", "partial:close_spelling", "a letter forgotten"),
    ("12 Broad Street", "", "unknown:blank_in_record", "blank"),
    ("12 Broad Street", "NIL", "unknown:blank_in_record", "filler"),
];

#[test]
fn addresses() {
    companies("address", ROWS);
}
