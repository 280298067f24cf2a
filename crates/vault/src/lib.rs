//! Keys, sealing and opening, blind index.
