//! The routes under `/v1/batches`.

mod body;
mod cancel;
mod count;
mod dry_run;
mod find;
mod list;
mod params;
mod report;
mod results;
mod show;
mod upload;
mod view;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Gateway;

pub(crate) use count::Counted;

/// Returns the routes.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(upload::upload, list::list))
        .routes(routes!(show::show))
        .routes(routes!(cancel::cancel))
        .routes(routes!(results::csv))
        .routes(routes!(results::ndjson))
}
