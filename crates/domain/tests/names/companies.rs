//! Names of companies, and their e-mail addresses.

use crate::support::{Row, companies};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("FAHEY AND SONS LTD", "Fahey & Sons Limited", "match", "one form, two spellings; & is and"),
    ("Fahey & Sons", "Fahey & Sons Limited", "match", "a form left out"),
    ("Sons Fahey", "Fahey & Sons Limited", "partial:order_differs", "in another order it may be another company"),
    ("Global Trust Investments", "Trust Global Investments Ltd", "partial:order_differs", "two companies"),
    ("Phase 1 2 Estates", "Phase 12 Estates", "mismatch", "numbers do not join"),
    ("NOT PROVIDED", "Okafor Ltd", "", "a filler is no claim"),
    ("Fahey & Sons (Nig.) Ltd", "Fahey and Sons Nigeria Limited", "match", "Nigeria is ignored next to others"),
    ("Fahey & Sons Plc", "Fahey & Sons Limited", "partial:legal_form_differs", "two companies of one name"),
    ("Fahey Public Limited Company", "Fahey PLC", "match", "a form written out"),
    ("Hope Foundation Limited by Guarantee", "Hope Foundation Ltd/Gte", "partial:legal_form_differs", "one writes Ltd besides"),
    ("Okafor Enterprises", "Okafor Ent.", "match", "a business name, abbreviated"),
    ("Okafor Enterprises", "Okafor Limited", "partial:legal_form_differs", "a business name and a company"),
    ("Okafor Ventures", "Okafor Limited", "mismatch", "Ventures is part of the name"),
    ("Okafor & Co.", "Okafor and Company", "match", "Co and Company"),
    ("Okafor Int'l Ltd", "Okafor International Limited", "match", "abbreviation with an apostrophe"),
    ("Okafor Ltd (RC 123456)", "Okafor Limited", "match", "a registration number is ignored"),
    ("Okafor RC123456", "Okafor Limited", "match", "written as one"),
    ("P.Z. Cussons", "PZ Cussons Nigeria Plc", "match", "letters with dots"),
    ("A & B Foods", "A. B. Foods Ltd", "match", "letters and a sign"),
    ("Pay Stack", "Paystack Ltd", "match:joined_words", "written as two words"),
    ("Ọ̀ṣun Blue Foods", "OSUN BLUE FOODS LTD", "match", "marks do not matter"),
    ("Delta Star Fods", "Delta Star Foods Ltd", "mismatch", "four letters allow no missing letter"),
    ("Delta Star Haulge", "Delta Star Haulage Ltd", "partial:close_spelling", "a letter forgotten"),
    ("Delta Star Foods", "Delta Star Haulage Ltd", "mismatch", "a word in another's place"),
    ("Delta Star", "Delta Star Haulage Ltd", "partial:enough_words", "two of three, nothing in its place"),
    ("Dangote", "Dangote Cement Plc", "mismatch", "half a name is another company of the group"),
    ("Dangote Cement", "Dangote Sugar", "mismatch", "two companies of a group"),
    ("Unilever Nigeria", "Unilever Ghana", "mismatch", "another country"),
    ("Nigeria Limited", "Nigeria Ltd", "match", "where there is nothing else, it is the name"),
    ("Nigeria Limited", "Nigeria Breweries Plc", "mismatch", "and not that of all others"),
    ("The Company Limited", "Company Ltd", "partial", "then every word counts"),
    ("Phase 1 Estates", "Phase 2 Estates", "mismatch", "a number is never a typo"),
    ("Plan B", "Plan B Limited", "match", "a letter is a word of a company"),
    ("Okafor", "N/A", "unknown:blank_in_record", "filler"),
    ("Okafor", "", "unknown:blank_in_record", "blank"),
    ("&", "Okafor", "", "a claim without a word is none"),
];

#[rustfmt::skip]
const EMAILS: &[Row] = &[
    ("Info@Example.com", "info@example.COM", "match", "case does not matter"),
    ("info@example.com", " info@example.com ", "match", "nor do blanks around"),
    ("info@example.com", "hello@example.com", "mismatch", "another address"),
    ("info@example.com", "", "unknown:blank_in_record", "blank"),
    ("info@example.com", "sales@example.com; info@example.com", "match", "one of two"),
    ("info@example.com", "<mailto:info@example.com>", "match", "as a program writes it"),
    ("info@example.com", "none given", "unknown:unreadable_in_record", "no address"),
];

#[test]
fn names_of_companies() {
    companies("company_name", ROWS);
}

#[test]
fn emails_of_companies() {
    companies("email", EMAILS);
}
