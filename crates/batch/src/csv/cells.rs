//! What spreadsheets do to values. It is refused in words: a digit that was lost is not guessed.

use kyc_domain::refusal::Fault;

const AS_TEXT: &str = "format the column as text, and enter or import the values again";

/// What a cell should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A number of a person, a document or a company.
    Number,
    Date,
    Text,
}

impl Holds {
    pub(crate) fn of(field: &str) -> Self {
        match field {
            "date_of_birth" | "expiry_date" | "obtained_at" | "not_before" | "deadline" => {
                Self::Date
            }
            field if kyc_kinds::KINDS.iter().any(|kind| kind.field == field) => Self::Number,
            _ => Self::Text,
        }
    }
}

/// Returns what is wrong with a cell, if a spreadsheet has changed its value.
pub(crate) fn damage(cell: &str, holds: Holds) -> Option<Fault> {
    let fault = |problem: &str, remedy: &str| Some(Fault::new(problem, remedy));
    if is_error(cell) {
        return fault(
            "is an error of a spreadsheet, and no value",
            "correct the formula, and save the file again",
        );
    }
    if cell.starts_with('"') {
        return fault(
            "has a quotation mark after a blank",
            "write the quotation mark right after the separator",
        );
    }
    if cell.starts_with('=') {
        return fault("is a formula, and no value", "write the value alone");
    }
    if cell.contains('\u{FFFD}') {
        return fault(
            "has a character that was lost when the file was written",
            "save it as UTF-8; in Excel as \"CSV UTF-8\"",
        );
    }
    match holds {
        Holds::Text if is_scientific(cell) && cell.contains(['.', ',']) => fault(
            "was turned into scientific notation by a spreadsheet, and has lost digits",
            AS_TEXT,
        ),
        Holds::Number if is_scientific(cell) => fault(
            "was turned into scientific notation by a spreadsheet, and has lost digits",
            AS_TEXT,
        ),
        Holds::Number if is_decimal(cell) => fault(
            "has a decimal part, as a spreadsheet or a program writes it that takes it for a quantity",
            AS_TEXT,
        ),
        Holds::Number if cell.starts_with('\'') => {
            fault("begins with an apostrophe", "write the number without it")
        }
        Holds::Date if is_day_number(cell) => fault(
            "is the number of a day, as a spreadsheet counts them",
            "write it as year-month-day, like 1986-01-20",
        ),
        _ => None,
    }
}

/// Returns what to add to the remedy for a number that has too few digits.
pub(crate) fn lost_zeros(cell: &str, problem: &str) -> Option<&'static str> {
    let is_short =
        cell.len() < 11 && !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    (is_short && problem.contains("instead of 11"))
        .then_some("; if a spreadsheet has dropped leading zeros, format the column as text and import the numbers again")
}

/// `#N/A`, `#REF!`, and the marks of a column that is too narrow.
fn is_error(cell: &str) -> bool {
    let known = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#DIV/0!",
        "#ERROR!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
    ];
    known.iter().any(|error| cell.eq_ignore_ascii_case(error))
        || (cell.len() > 2 && cell.bytes().all(|byte| byte == b'#'))
}

/// `2.22E+10`, with a point or a comma.
fn is_scientific(cell: &str) -> bool {
    let Some((digits, exponent)) = cell.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.trim_start_matches(['+', '-']);
    let is_number = |text: &str, also: &[char]| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || also.contains(&c))
    };
    is_number(digits.trim_start_matches('-'), &['.', ',']) && is_number(exponent, &[])
}

/// `22212345678.0`, also with a comma.
fn is_decimal(cell: &str) -> bool {
    let Some((whole, part)) = cell.rsplit_once(['.', ',']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A telephone number may be written in groups, as in 0803.123.4567.
    digits(part) && (part.len() < 3 || part.bytes().all(|byte| byte == b'0')) && digits(whole)
}

/// `31432`: days since 1900.
fn is_day_number(cell: &str) -> bool {
    let (whole, part) = cell.split_once('.').unwrap_or((cell, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(whole.len(), 4..=5) && digits(whole) && digits(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_did_is_told() {
        for (cell, holds, said) in [
            ("2.22E+10", Holds::Number, Some("scientific")),
            ("2,2212345E10", Holds::Number, Some("scientific")),
            ("2E10", Holds::Number, Some("scientific")),
            ("22212345678.0", Holds::Number, Some("decimal")),
            ("22212345678,00", Holds::Number, Some("decimal")),
            ("'22212345678", Holds::Number, Some("apostrophe")),
            ("=\"22212345678\"", Holds::Number, Some("formula")),
            ("#N/A", Holds::Text, Some("error")),
            ("########", Holds::Date, Some("error")),
            ("31432", Holds::Date, Some("number of a day")),
            ("31432.5", Holds::Date, Some("number of a day")),
            ("22212345678", Holds::Number, None),
            ("0803.123.4567", Holds::Number, None),
            ("A1E23456", Holds::Number, None),
            ("1986-01-20", Holds::Date, None),
            ("20.01.1986", Holds::Date, None),
            ("#1", Holds::Text, None),
            ("O'Neil", Holds::Text, None),
        ] {
            let told = damage(cell, holds).map(|fault| fault.problem);
            assert_eq!(told.is_some(), said.is_some(), "{cell}: {told:?}");
            assert!(
                told.unwrap_or_default().contains(said.unwrap_or_default()),
                "{cell}"
            );
        }
    }
}
