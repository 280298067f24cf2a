//! Makes a job of the cells of a row.

use kyc_domain::{
    Refusals, Request,
    refusal::{Fault, Refusal},
};
use kyc_kinds::{Kind, Rules};
use serde_json::{Map, Value};

use crate::Defaults;

use super::{
    cells::{Holds, damage, lost_zeros},
    header::{Header, place},
    names::Column,
};

/// A row while its cells become the fields of a job.
struct Draft<'a> {
    kind: Option<&'static Kind>,
    job: Map<String, Value>,
    claims: Map<String, Value>,
    consent: Map<String, Value>,
    /// The cells by the fields that they became.
    cells: Vec<(String, &'a str)>,
    refusals: Vec<Refusal>,
}

/// Makes a job of a row with one cell for each column.
pub(crate) fn job(header: &Header, cells: &[String], rules: Rules) -> Result<Request, Refusals> {
    if cells.len() != header.columns.len() {
        return Err(wrong_count(cells.len(), header.columns.len()));
    }
    let own = header
        .columns
        .iter()
        .position(|column| *column == Column::Kind);
    let own = own
        .map(|nth| cells[nth].trim())
        .filter(|cell| !cell.is_empty());
    let kind = match own {
        None => header.defaults.kind,
        Some(name) => Some(named(name)?),
    };
    let mut draft = Draft {
        kind,
        job: Map::new(),
        claims: Map::new(),
        consent: Map::new(),
        cells: Vec::new(),
        refusals: Vec::new(),
    };
    for (nth, (column, cell)) in header.columns.iter().zip(cells).enumerate() {
        let cell = cell.trim();
        if !cell.is_empty() {
            draft.add(nth, *column, cell);
        }
    }
    draft.finish(header.defaults, rules)
}

/// Reads the cell of a kind: its name in any usual spelling.
fn named(cell: &str) -> Result<&'static Kind, Refusals> {
    let plain: String = cell
        .to_lowercase()
        .replace([' ', '-'], "_")
        .replace(['\'', '’'], "")
        .replace("licence", "license");
    kyc_kinds::find(&plain).ok_or_else(|| {
        let known: Vec<&str> = kyc_kinds::names().collect();
        Refusals::one(
            "kind",
            "is not known",
            &format!("write one of: {}", known.join(", ")),
        )
    })
}

fn wrong_count(cells: usize, columns: usize) -> Refusals {
    let problem = format!("has {cells} cells, and the header has {columns}");
    let remedy = if cells < columns {
        "write a separator for each column, also for blank cells at the end; Excel does so if the last column has a value in \
         every row, such as a column x-end"
    } else {
        "put values that hold the separator in quotation marks"
    };
    Refusals::one("job", &problem, remedy)
}

impl<'a> Draft<'a> {
    fn add(&mut self, nth: usize, column: Column, cell: &'a str) {
        match column {
            Column::Kind | Column::Ignored => {}
            // One of them says enough.
            Column::Unnamed if self.refusals.iter().any(|known| known.field == "job") => {}
            Column::Unnamed => self.refuse(
                "job",
                Fault::new(
                    format!("has a value in column {}, which has no name", place(nth)),
                    "name the column in the header, or remove the value",
                ),
            ),
            Column::Number => match self.kind {
                Some(kind) => self.put_field(kind.field, cell),
                None => self.put("number", cell, |draft| &mut draft.job),
            },
            Column::Field(field) => self.put_field(field, cell),
            Column::Term(term) => self.put(term, cell, |draft| &mut draft.job),
            Column::Consent(field) => {
                self.put_as(&format!("consent.{field}"), field, cell, |draft| {
                    &mut draft.consent
                });
            }
            Column::MaxAttempts => {
                let number = cell
                    .parse::<u32>()
                    .map_or_else(|_| cell.into(), Value::from);
                self.job.insert("max_attempts".to_owned(), number);
            }
            Column::Fresh => {
                let value = match cell.to_lowercase().as_str() {
                    "true" | "yes" | "y" | "1" => true.into(),
                    "false" | "no" | "n" | "0" => false.into(),
                    _ => cell.into(),
                };
                self.job.insert("fresh".to_owned(), value);
            }
        }
    }

    /// A field stands at the top if the kind needs it there, and is a claim otherwise.
    fn put_field(&mut self, field: &'static str, cell: &'a str) {
        let is_needed = |kind: &Kind| kind.field == field || kind.required.contains(&field);
        let is_claim = |kind: &Kind| kind.claims.iter().any(|claim| claim.name() == field);
        match self.kind {
            Some(kind) if !is_needed(kind) && is_claim(kind) => {
                self.put_as(&format!("claims.{field}"), field, cell, |draft| {
                    &mut draft.claims
                });
            }
            _ => self.put(field, cell, |draft| &mut draft.job),
        }
    }

    fn put(
        &mut self,
        field: &'static str,
        cell: &'a str,
        object: fn(&mut Self) -> &mut Map<String, Value>,
    ) {
        self.put_as(field, field, cell, object);
    }

    fn put_as(
        &mut self,
        path: &str,
        field: &'static str,
        cell: &'a str,
        object: fn(&mut Self) -> &mut Map<String, Value>,
    ) {
        if self.cells.iter().any(|(known, _)| known == path) {
            let remedy = "leave one of the two cells blank";
            return self.refuse(path, Fault::new("is given by two columns", remedy));
        }
        self.cells.push((path.to_owned(), cell));
        match damage(cell, Holds::of(field)) {
            Some(fault) => self.refuse(path, fault),
            None => {
                object(self).insert(field.to_owned(), cell.into());
            }
        }
    }

    fn refuse(&mut self, field: &str, fault: Fault) {
        self.refusals.push(Refusal {
            field: field.to_owned(),
            problem: fault.problem,
            remedy: fault.remedy,
        });
    }

    fn finish(mut self, defaults: Defaults, rules: Rules) -> Result<Request, Refusals> {
        let defaults = Defaults {
            kind: self.kind,
            ..defaults
        };
        defaults.add_to(&mut self.job);
        for (name, object) in [("claims", self.claims), ("consent", self.consent)] {
            if !object.is_empty() {
                self.job.insert(name.to_owned(), Value::Object(object));
            }
        }
        let parsed = kyc_kinds::read(self.job, rules);
        let mut refusals = self.refusals;
        match parsed {
            Ok(request) => Refusals::check(refusals).map(|()| request),
            Err(more) => {
                for refusal in more.iter() {
                    // A damaged cell was left out of the job, and misses there.
                    if refusals.iter().any(|known| known.field == refusal.field) {
                        continue;
                    }
                    let mut refusal = refusal.clone();
                    let cell = self.cells.iter().find(|(field, _)| *field == refusal.field);
                    if let Some(hint) =
                        cell.and_then(|(_, cell)| lost_zeros(cell, &refusal.problem))
                    {
                        refusal.remedy.push_str(hint);
                    }
                    refusals.push(refusal);
                }
                Err(Refusals::check(refusals).err().unwrap_or(more))
            }
        }
    }
}
