//! The import table: the floor of each crate, and the crates that it may never import.
//!
//! Hides how cargo describes dependencies. Imports of tests (`[dev-dependencies]`) are not checked.

use serde_json::Value;

/// One crate of the workspace.
struct Room {
    package: &'static str,
    /// The number of its floor. A crate imports only from lower floors.
    floor: u8,
    /// Crates that it may never import. A name that ends in `*` is a prefix.
    never: &'static [&'static str],
    /// Features of its imports that it may never enable.
    never_with: &'static [(&'static str, &'static str)],
    /// The reason for these bans.
    why: &'static str,
}

const PURE: &[&str] = &["apalis*", "axum", "redis", "reqwest", "tokio"];
const OURS: &[&str] = &["kyc", "kyc-*", "radius-api"];

#[rustfmt::skip]
static ROOMS: [Room; 18] = [
    Room { package: "kyc-domain", floor: 0, never: PURE, never_with: &[], why: "it is pure: it maps values to values" },
    Room { package: "radius-api", floor: 0, never: &["apalis*", "kyc-*", "redis"], never_with: &[], why: "it is a client of the Radius API alone" },
    Room { package: "kyc-kinds", floor: 1, never: PURE, never_with: &[("radius-api", "client")], why: "it is pure: it maps values to values" },
    Room { package: "kyc-batch", floor: 1, never: PURE, never_with: &[("radius-api", "client")], why: "it is pure: it maps bytes to jobs" },
    Room { package: "kyc-vault", floor: 1, never: &["apalis*", "redis", "reqwest"], never_with: &[], why: "keys stay away from the network" },
    Room { package: "kyc-queue", floor: 1, never: &["radius-api", "reqwest"], never_with: &[], why: "the queue knows no provider" },
    Room { package: "kyc-blobs", floor: 1, never: &["apalis*", "redis"], never_with: &[], why: "blobs know no queue" },
    Room { package: "kyc-sandbox", floor: 1, never: OURS, never_with: &[], why: "it builds its answers independently, so that a wrong field name is noticed" },
    Room { package: "kyc-telemetry", floor: 1, never: &[], never_with: &[], why: "" },
    Room { package: "kyc-client", floor: 2, never: &["apalis*", "axum", "kyc-blobs", "kyc-queue", "kyc-telemetry"], never_with: &[("radius-api", "client")], why: "it is for applications: it holds no private key and runs no job" },
    Room { package: "kyc-verification", floor: 2, never: &["axum"], never_with: &[], why: "it runs jobs and serves no HTTP" },
    Room { package: "kyc-webhooks", floor: 2, never: &["radius-api"], never_with: &[], why: "only the pipeline calls the provider" },
    Room { package: "kyc-gateway", floor: 2, never: &["radius-api"], never_with: &[], why: "only the pipeline calls the provider" },
    Room { package: "kyc-console", floor: 2, never: &["radius-api"], never_with: &[], why: "only the pipeline calls the provider" },
    Room { package: "kyc", floor: 3, never: &[], never_with: &[], why: "" },
    Room { package: "kyc-tests", floor: 3, never: &[], never_with: &[], why: "" },
    Room { package: "kyc-fuzz", floor: 3, never: &["apalis*", "redis", "reqwest"], never_with: &[("radius-api", "client")], why: "it runs thousands of times a second, on one machine and without a server" },
    Room { package: "xtask", floor: 3, never: OURS, never_with: &[], why: "it is built first, on a machine without anything else" },
];

/// Allowed imports within one floor: two crates seal the data that they store, and files of jobs are parsed by the table of kinds.
const ACROSS: [(&str, &str); 3] = [
    ("kyc-blobs", "kyc-vault"),
    ("kyc-queue", "kyc-vault"),
    ("kyc-batch", "kyc-kinds"),
];

/// Returns one sentence for each import that breaks the table, and for each crate that is not in it.
pub(super) fn violations(metadata: &Value) -> Vec<String> {
    packages(metadata)
        .flat_map(|package| of_package(metadata, package))
        .collect()
}

fn of_package(metadata: &Value, package: &Value) -> Vec<String> {
    let name = name(package);
    let Some(room) = room(name) else {
        return vec![format!(
            "`{name}` has no row in the import table: give it a floor in crates/xtask/src/check/imports.rs"
        )];
    };
    let imports = list(&package["dependencies"]).filter(|import| import["kind"] != "dev");
    imports
        .flat_map(|import| {
            [
                banned(room, import),
                upward(room, import),
                with_feature(metadata, room, package, import),
            ]
        })
        .flatten()
        .collect()
}

fn banned(room: &Room, import: &Value) -> Option<String> {
    let import = name(import);
    let ban = room.never.iter().find(|ban| matches(ban, import))?;
    Some(format!(
        "`{}` imports `{import}`: it may never import {ban}, because {}",
        room.package, room.why
    ))
}

fn upward(from: &Room, import: &Value) -> Option<String> {
    let to = room(name(import))?;
    if to.floor < from.floor || ACROSS.contains(&(from.package, to.package)) {
        return None;
    }
    let (package, floor) = (from.package, from.floor);
    Some(format!(
        "`{package}` (floor {floor}) imports `{}` (floor {}): a crate may import only from lower floors",
        to.package, to.floor
    ))
}

fn with_feature(metadata: &Value, room: &Room, package: &Value, import: &Value) -> Option<String> {
    let import_name = name(import);
    let (_, feature) = room
        .never_with
        .iter()
        .find(|(banned, _)| *banned == import_name)?;
    let asked = list(&import["features"]).filter_map(Value::as_str);
    let default = (import["uses_default_features"] == true).then_some("default");
    let imported = packages(metadata).find(|other| name(other) == import_name);
    let directly = asked
        .chain(default)
        .any(|asked| leads_to(imported, asked, feature, 0));
    let forwarded = [
        format!("{import_name}/{feature}"),
        format!("{import_name}?/{feature}"),
    ];
    let by_own_feature = package["features"].as_object().is_some_and(|features| {
        features
            .values()
            .flat_map(list)
            .filter_map(Value::as_str)
            .any(|text| forwarded.iter().any(|forward| forward == text))
    });
    (directly || by_own_feature).then(|| {
        format!("`{}` imports `{import_name}` with the feature `{feature}`: it may never enable that, because {}", room.package, room.why)
    })
}

/// Returns whether enabling `held` enables `wanted` in the same package. The depth is bounded, since features may form a
/// ring.
fn leads_to(package: Option<&Value>, asked: &str, wanted: &str, depth: usize) -> bool {
    let implied = || {
        package
            .into_iter()
            .flat_map(|package| list(&package["features"][asked]))
            .filter_map(Value::as_str)
    };
    asked == wanted
        || (depth < 8 && implied().any(|next| leads_to(package, next, wanted, depth + 1)))
}

fn matches(ban: &str, import: &str) -> bool {
    ban.strip_suffix('*')
        .map_or(ban == import, |start| import.starts_with(start))
}

fn room(package: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.package == package)
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    list(&metadata["packages"])
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn import(name: &str) -> Value {
        json!({ "name": name, "kind": null, "features": [], "uses_default_features": true })
    }

    fn assessed(package: &str, imports: &Value) -> Vec<String> {
        let radius = json!({ "name": "radius-api", "features": { "default": [], "full": ["client"], "client": [] } });
        let package = json!({ "name": package, "dependencies": imports });
        violations(&json!({ "packages": [package, radius] }))
    }

    #[test]
    fn a_forbidden_import_is_reported_with_crate_import_and_rule() {
        let cases = [
            (
                "kyc-vault",
                "redis",
                "`kyc-vault` imports `redis`: it may never import redis, because keys stay away from the network",
            ),
            (
                "kyc-blobs",
                "apalis-core",
                "`kyc-blobs` imports `apalis-core`: it may never import apalis*, because",
            ),
            (
                "kyc-domain",
                "tokio",
                "`kyc-domain` imports `tokio`: it may never import tokio, because it is pure",
            ),
            (
                "kyc-kinds",
                "kyc-vault",
                "`kyc-kinds` (floor 1) imports `kyc-vault` (floor 1): a crate may import only from lower floors",
            ),
            (
                "kyc-domain",
                "radius-api",
                "`kyc-domain` (floor 0) imports `radius-api` (floor 0)",
            ),
            (
                "kyc-queue",
                "kyc-verification",
                "`kyc-queue` (floor 1) imports `kyc-verification` (floor 2)",
            ),
            (
                "xtask",
                "kyc-domain",
                "`xtask` imports `kyc-domain`: it may never import kyc-*, because it is built first",
            ),
        ];
        for (package, name, sentence) in cases {
            let found = assessed(package, &json!([import(name)]));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(sentence), "{found:?}");
        }
    }

    #[test]
    fn imports_that_the_table_allows_pass() {
        let dev = json!({ "name": "redis", "kind": "dev" });
        let cases = [
            (
                "kyc-queue",
                json!([import("kyc-vault"), import("redis"), import("kyc-domain")]),
            ),
            ("kyc-blobs", json!([import("kyc-vault")])),
            (
                "kyc-kinds",
                json!([import("kyc-domain"), import("radius-api")]),
            ),
            ("kyc-vault", json!([dev])),
            (
                "kyc",
                json!([
                    import("axum"),
                    import("kyc-verification"),
                    import("kyc-sandbox")
                ]),
            ),
        ];
        for (package, imports) in cases {
            assert_eq!(
                assessed(package, &imports),
                Vec::<String>::new(),
                "{package}"
            );
        }
    }

    #[test]
    fn the_sandbox_shares_nothing_with_the_client() {
        assert_eq!(
            assessed("kyc-sandbox", &json!([import("radius-api")])).len(),
            1
        );
        assert_eq!(
            assessed("kyc-sandbox", &json!([import("kyc-domain")])).len(),
            1
        );
    }

    #[test]
    fn a_forbidden_feature_is_found_however_it_is_enabled() {
        for feature in ["client", "full"] {
            let found = assessed(
                "kyc-kinds",
                &json!([{ "name": "radius-api", "kind": null, "features": [feature] }]),
            );
            assert_eq!(found.len(), 1, "{feature}");
            assert!(found[0].contains("with the feature `client`"), "{found:?}");
        }
        let forwarding = json!({
            "name": "kyc-kinds", "dependencies": [import("radius-api")], "features": { "net": ["radius-api/client"] },
        });
        assert_eq!(violations(&json!({ "packages": [forwarding] })).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_reported() {
        let found = assessed("kyc-new", &json!([]));
        assert!(found[0].starts_with("`kyc-new` has no row"), "{found:?}");
    }
}
