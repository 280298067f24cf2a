//! The problems that an operation can answer with, in the document. Most follow from its form: a body can be too large, an id can
//! be unknown. An operation itself names only the others, such as `(status = 409, description = "…")`.

use utoipa::openapi::{
    Content, Header, Object, OpenApi, PathItem, Ref, RefOr, Response, Type,
    path::{Operation, ParameterIn},
};

use crate::problem::Kind;

/// What any operation can answer with.
const ALWAYS: [Kind; 5] = [
    Kind::UNAUTHENTICATED,
    Kind::FORBIDDEN,
    Kind::TOO_MANY_REQUESTS,
    Kind::INTERNAL,
    Kind::UNAVAILABLE,
];
/// What an operation with a body can answer with.
const WITH_BODY: [Kind; 5] = [
    Kind::INVALID_REQUEST,
    Kind::TOO_SLOW,
    Kind::TOO_LARGE,
    Kind::UNSUPPORTED_MEDIA_TYPE,
    Kind::INVALID_JOB,
];

/// Adds the problems of all operations.
pub(super) fn complete(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        for operation in operations(item) {
            describe(operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn describe(operation: &mut Operation) {
    let kinds = kinds(operation);
    let responses = &mut operation.responses.responses;
    // It would stand for any status, and so say nothing.
    responses.remove("default");
    for kind in kinds {
        let status = kind.status.as_str().to_owned();
        let response = responses
            .entry(status)
            .or_insert_with(|| Response::new("").into());
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = format!("`{}`: {}", kind.name, kind.title);
        }
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response {
            finish(status, response);
        }
    }
}

fn kinds(operation: &Operation) -> Vec<Kind> {
    let mut kinds = ALWAYS.to_vec();
    for parameter in operation.parameters.iter().flatten() {
        kinds.push(match parameter.parameter_in {
            ParameterIn::Path => Kind::NOT_FOUND,
            _ => Kind::INVALID_REQUEST,
        });
    }
    if operation.request_body.is_some() {
        kinds.extend(WITH_BODY);
    }
    kinds
}

/// Gives an answer what all of its status have.
fn finish(status: &str, response: &mut Response) {
    let header = |kind, description: &str| {
        let mut header = Header::new(Object::with_type(kind));
        header.description = Some(description.to_owned());
        header
    };
    let id = header(Type::String, "the id of the request, as the server logs it");
    response.headers.entry("X-Request-Id".into()).or_insert(id);
    if status < "400" {
        return;
    }
    if matches!(status, "429" | "503") {
        let seconds = header(Type::Integer, "seconds to wait before the next try");
        response.headers.insert("Retry-After".into(), seconds);
    }
    if response.content.is_empty() {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        response
            .content
            .insert("application/problem+json".into(), problem);
    }
}
