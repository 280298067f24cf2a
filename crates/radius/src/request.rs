//! Encodes a person's number and names into a path and a query, so that no text changes the meaning of the URL.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::ZeroizeOnDrop;

use crate::{Endpoint, Error};

/// Every character except the unreserved ones of RFC 3986, so that a path segment holds no delimiter of a URL.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One call to an endpoint, with its arguments.
///
/// Text is encoded as given; it is not validated, trimmed or normalised. `Debug` prints only the endpoint. The path and
/// query are wiped from memory on drop.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Request {
    #[zeroize(skip)]
    endpoint: Endpoint,
    path_and_query: String,
}

impl Request {
    /// Creates the request for the details of a Bank Verification Number.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `bvn` cannot be a path segment because it is empty, `.` or `..`.
    pub fn bvn(bvn: &str) -> Result<Self, Error> {
        Self::new(Endpoint::Bvn, ("bvn", bvn), &[])
    }

    /// Creates the request for the details of a National Identification Number.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `nin` cannot be a path segment because it is empty, `.` or `..`.
    pub fn nin(nin: &str) -> Result<Self, Error> {
        Self::new(Endpoint::Nin, ("nin", nin), &[])
    }

    /// Creates the request for the details of the NIN that a phone number is linked with.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `phone` cannot be a path segment because it is empty, `.` or `..`.
    pub fn nin_phone(phone: &str) -> Result<Self, Error> {
        Self::new(Endpoint::NinPhone, ("phone", phone), &[])
    }

    /// Creates the request for the details of a company. The provider answers only if number and name belong together.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `number` cannot be a path segment because it is empty, `.` or `..`.
    pub fn cac(number: &str, company_name: &str) -> Result<Self, Error> {
        let query = [("company_name", company_name)];
        Self::new(Endpoint::Cac, ("number", number), &query)
    }

    /// Creates the request for the details of a driver's licence.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `number` cannot be a path segment because it is empty, `.` or `..`.
    pub fn drivers_license(number: &str) -> Result<Self, Error> {
        Self::new(Endpoint::DriversLicense, ("number", number), &[])
    }

    /// Creates the request for the details of a Nigerian passport.
    ///
    /// The provider answers only if all four arguments belong together. `dob` is the date of birth as `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if `number` cannot be a path segment because it is empty, `.` or `..`.
    pub fn passport(
        number: &str,
        first_name: &str,
        last_name: &str,
        dob: &str,
    ) -> Result<Self, Error> {
        let query = [
            ("first_name", first_name),
            ("last_name", last_name),
            ("dob", dob),
        ];
        Self::new(Endpoint::Passport, ("number", number), &query)
    }

    /// Returns the endpoint of this call.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Returns the path, with a leading slash, and the query, to be appended to the base URL.
    ///
    /// Both are personal data, since they hold the number: they must not appear in a log, a span, a metric or an error.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    fn new(
        endpoint: Endpoint,
        (field, segment): (&'static str, &str),
        query: &[(&str, &str)],
    ) -> Result<Self, Error> {
        // URL parsers resolve dot segments even when they are percent-encoded, and an empty segment names another route.
        // No encoding of such text would reach the provider.
        if matches!(segment, "" | "." | "..") {
            return Err(Error::InvalidRequest { endpoint, field });
        }
        // Capacity for the worst case: a reallocation would leave a copy in freed memory.
        let text: usize = query
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        let mut path = String::with_capacity(64 + 3 * (segment.len() + text));
        path.push_str(endpoint.prefix());
        path.extend(utf8_percent_encode(segment, SEGMENT));
        if !query.is_empty() {
            path.push('?');
            let start = path.len();
            path = form_urlencoded::Serializer::for_suffix(path, start)
                .extend_pairs(query)
                .finish();
        }
        Ok(Self {
            endpoint,
            path_and_query: path,
        })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
