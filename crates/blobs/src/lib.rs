//! From base64 text to a checked, sealed object.
