//! A local Radius and a private Redis, to work without either.
