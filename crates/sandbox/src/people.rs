//! Generates a synthetic Nigerian person or company from a number. The same number always gives the same one.

mod companies;
mod dice;
mod names;
mod person;
mod places;

pub(crate) use companies::Company;
pub(crate) use person::Person;
