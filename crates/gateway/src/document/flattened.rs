//! Fields that another schema has, and that may be absent all together. They are derived as "that schema, or `null`", but the object
//! that they would be in is never `null`.

use utoipa::openapi::{
    Object, OneOf, OpenApi, RefOr, Schema, Type,
    schema::{AnyOfBuilder, SchemaType},
};

/// Corrects all schemas: such fields are those of that schema, or none of them.
pub(super) fn complete(api: &mut OpenApi) {
    let components = api.components.iter_mut();
    for schema in components.flat_map(|components| components.schemas.values_mut()) {
        let RefOr::T(Schema::AllOf(whole)) = schema else {
            continue;
        };
        for part in &mut whole.items {
            if let RefOr::T(Schema::OneOf(alternatives)) = part
                && let Some(other) = not_null(alternatives)
            {
                let absent = Object::with_type(Type::Object);
                let either = AnyOfBuilder::new().item(other).item(absent);
                *part = RefOr::T(Schema::AnyOf(either.build()));
            }
        }
    }
}

/// Returns the schema that is not `null`, if the other one is.
fn not_null(alternatives: &OneOf) -> Option<RefOr<Schema>> {
    let is_null = |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
    match &alternatives.items[..] {
        [null, other] if is_null(null) => Some(other.clone()),
        _ => None,
    }
}
