//! The values from which the records of persons are written.

use bytes::Bytes;

use crate::{case::Twist, people::Person};

/// A person, and everything else that their record contains.
pub(super) struct Sheet<'a> {
    pub(super) number: &'a str,
    pub(super) person: &'a Person,
    /// The first name as the record gives it: case `062` swaps it with the last name.
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) twist: Twist,
    pub(super) photo: Bytes,
    pub(super) signature: Bytes,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(
        number: &'a str,
        person: &'a Person,
        twist: Twist,
        photo: Bytes,
        signature: Bytes,
    ) -> Self {
        let (first_name, last_name) = if twist == Twist::SwappedNames {
            (person.last_name, person.first_name)
        } else {
            (person.first_name, person.last_name)
        };
        Self {
            number,
            person,
            first_name,
            last_name,
            twist,
            photo,
            signature,
        }
    }

    /// Returns `text`, or an empty text if the record has blank fields.
    pub(super) fn known<'t>(&self, text: &'t str) -> &'t str {
        if self.twist == Twist::Blank { "" } else { text }
    }
}
