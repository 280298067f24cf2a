//! The line that makes a request of an operation.

use serde_json::Value;

/// Returns a line for a shell. The address and the API key are variables.
pub(super) fn line(
    method: &str,
    path: &str,
    operation: &Value,
    example: Option<&Value>,
    kind: &str,
) -> String {
    let mut line = String::from("curl");
    if method != "get" && (example.is_none() || method != "post") {
        line += &format!(" -X {}", method.to_uppercase());
    }
    line += &format!(" \"$KYC_URL{}{}\"", filled(path), query(operation));
    line += " \\\n  -H \"Authorization: Bearer $KYC_API_KEY\"";
    if let Some(example) = example {
        let body = example
            .as_str()
            .map_or_else(|| example.to_string(), str::to_owned);
        line += &format!(
            " \\\n  -H 'Content-Type: {kind}' \\\n  -d '{}'",
            body.replace('\'', "'\\''")
        );
    }
    line
}

/// Returns a path whose variable parts are variables of the shell.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        name.map_or_else(
            || part.to_owned(),
            |name| format!("${}", name.to_uppercase()),
        )
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the query of the parameters that have an example.
fn query(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let given = parameters
        .filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| {
            let name = parameter["name"].as_str()?;
            let example = parameter.get("example")?;
            let example = example
                .as_str()
                .map_or_else(|| example.to_string(), str::to_owned);
            Some(format!("{name}={example}"))
        });
    let query: Vec<_> = given.collect();
    if query.is_empty() {
        return String::new();
    }
    format!("?{}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_can_be_pasted_into_a_shell() {
        let operation = json!({ "parameters": [
            { "name": "wait", "in": "query", "example": "30s" }, { "name": "kind", "in": "query" },
        ] });
        let body = json!({ "name": "O'Neil" });
        assert_eq!(
            line("post", "/v1/a", &operation, Some(&body), "application/json"),
            "curl \"$KYC_URL/v1/a?wait=30s\" \\\n  -H \"Authorization: Bearer $KYC_API_KEY\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"name\":\"O'\\''Neil\"}'"
        );
        assert_eq!(
            line("delete", "/v1/a/{id}", &json!({}), None, ""),
            "curl -X DELETE \"$KYC_URL/v1/a/$ID\" \\\n  -H \"Authorization: Bearer $KYC_API_KEY\""
        );
    }
}
