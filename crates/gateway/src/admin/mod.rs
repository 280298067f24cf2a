//! The routes under `/v1/admin`, for API keys that operate the whole queue: the same operations as those of the command line.

mod bulk;
mod bulk_request;
mod bulk_steps;
mod bulk_view;
mod fields;
mod keys;
mod limits;
mod limits_view;
mod params;
mod queue;
mod queue_view;
mod rejected;
mod scope;
mod tenants;
mod verifications;
mod workers;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Gateway;

/// Returns the routes.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(limits::list))
        .routes(routes!(limits::replace, limits::change))
        .routes(routes!(limits::pause))
        .routes(routes!(limits::resume))
        .routes(routes!(queue::queue))
        .routes(routes!(workers::list))
        .routes(routes!(verifications::list))
        .routes(routes!(bulk::act))
        .routes(routes!(bulk::show))
        .routes(routes!(rejected::list))
        .routes(routes!(tenants::list))
        .routes(routes!(tenants::put))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
}
