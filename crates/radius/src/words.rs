//! Hides under which names an answer says something in words.

use serde_json::Value;

use crate::ProviderText;

/// Under these names answers of APIs say what is the matter.
const NAMES: [&str; 12] = [
    "message",
    "detail",
    "details",
    "error",
    "errors",
    "error_description",
    "error_message",
    "description",
    "reason",
    "title",
    "msg",
    "response_message",
];

/// Whether words may stand under that name.
pub(crate) fn is_name(key: &str) -> bool {
    NAMES.contains(&key)
}

/// Words of an answer, as they were found.
#[derive(Default)]
pub(crate) struct Words(Vec<String>);

/// What is kept of them is bounded in any case; more of them tell nothing new.
const MOST: usize = 8;

impl Words {
    /// Takes the words out of a value: text as it is, and whatever text stands in objects and lists.
    pub(crate) fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) if !text.trim().is_empty() && self.0.len() < MOST => {
                let text = text.trim().to_owned();
                if !self.0.contains(&text) {
                    self.0.push(text);
                }
            }
            Value::Array(values) => values.iter().take(MOST).for_each(|value| self.add(value)),
            Value::Object(fields) => fields.values().take(MOST).for_each(|value| self.add(value)),
            _ => {}
        }
    }

    /// The words of an object, wherever they stand in it.
    #[cfg(feature = "client")]
    pub(crate) fn of(value: &Value) -> Self {
        let mut words = Self::default();
        let Value::Object(fields) = value else {
            return words;
        };
        for name in NAMES {
            if let Some(value) = fields.get(name) {
                words.add(value);
            }
        }
        if let Some(Value::Object(data)) = fields.get("data") {
            for name in NAMES {
                data.get(name)
                    .into_iter()
                    .for_each(|value| words.add(value));
            }
        }
        words
    }

    /// All of them as one text; `None` where nothing was said.
    pub(crate) fn text(&self) -> Option<ProviderText> {
        (!self.0.is_empty()).then(|| ProviderText::new(&self.0.join("; ")))
    }
}
