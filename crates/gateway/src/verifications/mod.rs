//! The routes under `/v1/verifications`.

mod actions;
mod find;
mod images;
pub(crate) mod list;
pub(crate) mod outcome;
mod show;
mod submit;
pub(crate) mod view;
pub(crate) mod wait;
pub(crate) mod which;

pub(crate) use submit::{idempotency_key, of_tenant};

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Gateway;

/// Returns the routes.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(submit::submit, list::list))
        .routes(routes!(show::show, actions::delete))
        .routes(routes!(images::image))
        .routes(routes!(actions::cancel))
        .routes(routes!(actions::retry))
}
