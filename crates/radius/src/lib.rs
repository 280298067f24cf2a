//! Radius identity API: requests and answers as values.
