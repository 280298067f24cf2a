//! The header of a table: its separator, its columns, and the kind that it speaks of.

use kyc_kinds::{KINDS, Kind};

use super::names::{Column, plain};
use crate::{Defaults, Unusable};

/// The header of a table.
pub(crate) struct Header {
    pub(crate) columns: Vec<Column>,
    /// What rows have that do not say it themselves.
    pub(crate) defaults: Defaults,
}

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Returns the separator that a line names for spreadsheets: `sep=;`.
pub(crate) fn named_separator(line: &[u8]) -> Option<u8> {
    match line {
        [b'"', inner @ .., b'"'] => named_separator(inner),
        [s, e, p, b'=', separator]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && SEPARATORS.contains(separator) =>
        {
            Some(*separator)
        }
        _ => None,
    }
}

/// Returns the separator that occurs most in a header, outside of quotation marks.
pub(crate) fn separator(header: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0; SEPARATORS.len()];
    for byte in header {
        is_quoted ^= *byte == b'"';
        if !is_quoted && let Some(nth) = SEPARATORS.iter().position(|known| known == byte) {
            counts[nth] += 1;
        }
    }
    // Of several that occur equally often the first one.
    let most = (0..SEPARATORS.len()).rev().max_by_key(|nth| counts[*nth]);
    SEPARATORS[most.unwrap_or_default()]
}

impl Header {
    /// Reads the cells of a header.
    pub(crate) fn read(
        line: usize,
        cells: &[String],
        defaults: Defaults,
    ) -> Result<Self, Unusable> {
        let columns = columns(line, cells)?;
        let kind = defaults.kind.or_else(|| spoken_of(&columns));
        let names_kind = columns.contains(&Column::Kind);
        if kind.is_none() && !names_kind {
            return Err(Unusable::new(
                line,
                "no column tells the kind of the rows",
                format!("add a column kind, with one of {}", names()),
            ));
        }
        let is_number = |column: &Column| match column {
            Column::Number => true,
            Column::Field(field) => KINDS.iter().any(|kind| kind.field == *field),
            _ => false,
        };
        if !columns.iter().any(is_number) {
            return Err(Unusable::new(
                line,
                "no column holds the number to verify",
                format!(
                    "add the column {}",
                    kind.map_or("number", |kind| kind.field)
                ),
            ));
        }
        let defaults = Defaults { kind, ..defaults };
        Ok(Self { columns, defaults })
    }
}

fn columns(line: usize, cells: &[String]) -> Result<Vec<Column>, Unusable> {
    let is_value = |cell: &String| cell.bytes().filter(u8::is_ascii_digit).count() > 5;
    if cells.iter().any(is_value) || cells.iter().all(|cell| Column::named(cell).is_none()) {
        return Err(Unusable::new(
            line,
            "the first line holds no names of columns",
            "begin the file with a header, such as: kind,number,first_name,last_name,date_of_birth,reference",
        ));
    }
    let mut columns: Vec<Column> = Vec::with_capacity(cells.len());
    for (nth, cell) in cells.iter().enumerate() {
        let column = if plain(cell).is_empty() {
            // Below it, there may be blank cells alone; a row with a value there is refused.
            Column::Unnamed
        } else {
            Column::named(cell).ok_or_else(|| unknown(line, nth, cell))?
        };
        let is_told = !matches!(column, Column::Unnamed | Column::Ignored);
        if let Some(first) = columns.iter().position(|known| is_told && *known == column) {
            return Err(Unusable::new(
                line,
                format!(
                    "the columns {} and {} hold the same field",
                    place(first),
                    place(nth)
                ),
                "remove one of them, or begin its name with x- to leave it out",
            ));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// A name can be a value in the wrong place, so it is not repeated.
fn unknown(line: usize, nth: usize, cell: &str) -> Unusable {
    let remedy = match (plain(cell).as_str(), Column::close_to(cell)) {
        ("name" | "names" | "fullname" | "customername" | "accountname", _) => {
            "write first_name and last_name in columns of their own, as they are never guessed from one name".to_owned()
        }
        (_, Some(field)) => format!("perhaps {field} was meant; begin the name with x- to leave the column out"),
        _ => "name it like a field of a job, remove it, or begin its name with x- to leave it out".to_owned(),
    };
    Unusable::new(
        line,
        format!("the name of column {} is not known", place(nth)),
        remedy,
    )
}

/// Returns the number of a column and, as spreadsheets call it, its letter.
pub(crate) fn place(nth: usize) -> String {
    let letter = u8::try_from(nth)
        .ok()
        .filter(|nth| *nth < 26)
        .map(|nth| char::from(b'A' + nth));
    letter.map_or_else(
        || format!("{}", nth + 1),
        |letter| format!("{} ({letter})", nth + 1),
    )
}

/// Returns the kind of which all columns with numbers speak: its own number, and others that it takes as claims. `None` if that is true of
/// several.
fn spoken_of(columns: &[Column]) -> Option<&'static Kind> {
    let numbers = columns.iter().filter_map(|column| match column {
        Column::Field(field) => Some(*field),
        _ => None,
    });
    let numbers: Vec<&str> = numbers
        .filter(|field| KINDS.iter().any(|kind| kind.field == *field))
        .collect();
    let takes = |kind: &Kind, number: &str| {
        kind.field == number || kind.claims.iter().any(|claim| claim.name() == number)
    };
    let mut spoken = KINDS.iter().copied().filter(|kind| {
        numbers.contains(&kind.field) && numbers.iter().all(|number| takes(kind, number))
    });
    spoken.next().filter(|_| spoken.next().is_none())
}

fn names() -> String {
    kyc_kinds::names().collect::<Vec<_>>().join(", ")
}
