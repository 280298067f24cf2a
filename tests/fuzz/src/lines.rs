//! Hides the form of an input of `assess`: `field: value` lines, so that changing a byte changes a value.

/// The line between the claims and the record.
const BORDER: &str = "---";

/// `field: value` lines, without blank values.
pub(crate) struct Lines<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Lines<'a> {
    /// Reads the claims and the record.
    pub(crate) fn both(text: &'a str) -> (Self, Self) {
        let mut lines = text.lines();
        let before: Vec<&str> = lines.by_ref().take_while(|line| *line != BORDER).collect();
        (Self::read(before), Self::read(lines))
    }

    fn read(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let pairs = lines.into_iter().filter_map(|line| line.split_once(':'));
        let pairs = pairs.map(|(field, value)| (field.trim(), value.trim()));
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Returns all values of a field.
    pub(crate) fn all(&self, field: &str) -> impl Iterator<Item = &'a str> {
        let of_field = self.0.iter().filter(move |(name, _)| *name == field);
        of_field.map(|(_, value)| *value)
    }

    /// Returns the first value of a field.
    pub(crate) fn get(&self, field: &str) -> Option<&'a str> {
        self.all(field).next()
    }

    /// Returns the first value of a field as an owned string.
    pub(crate) fn owned(&self, field: &str) -> Option<String> {
        self.get(field).map(str::to_owned)
    }
}
