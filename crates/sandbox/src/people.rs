//! Who a number is: a synthetic Nigerian person or company, made from the number alone and always the same.

mod companies;
mod dice;
mod names;
mod person;
mod places;

pub(crate) use companies::Company;
pub(crate) use person::Person;
