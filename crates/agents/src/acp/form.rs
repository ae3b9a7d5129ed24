//! Questions: forms that an agent wants filled in.

use protocol::question::{ItemAnswer, QuestionItem, QuestionOption};
use serde_json::{Map, Value, json};

/// A form, and how its answers have to look.
#[derive(Debug, Clone)]
pub(super) struct Form {
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Field {
    key: String,
    /// Values as the agent wants them, with the labels that people see.
    choices: Vec<(Value, String)>,
    multiple: bool,
    kind: FieldKind,
    /// Where an answer goes that is none of the choices.
    other: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKind {
    Text,
    Number,
    Boolean,
}

impl Form {
    /// Reads a request; none when it is no form that a person can fill in.
    pub(super) fn read(request: &Value) -> Option<(Self, Vec<QuestionItem>)> {
        if request["mode"].as_str().is_some_and(|mode| mode != "form") {
            return None;
        }
        let properties = request["requestedSchema"]["properties"].as_object()?;
        let message = request["message"].as_str().unwrap_or_default();
        let alone = properties
            .keys()
            .filter(|key| main_of(key, properties).is_none())
            .count()
            == 1;
        let (mut fields, mut items) = (Vec::new(), Vec::new());
        for (key, schema) in properties {
            if main_of(key, properties).is_some() {
                continue;
            }
            let field = Field::read(key, schema, properties);
            items.push(field.item(schema, message, alone));
            fields.push(field);
        }
        (!fields.is_empty()).then_some((Self { fields }, items))
    }

    /// The filled-in form.
    pub(super) fn fill(&self, answers: &[ItemAnswer]) -> Value {
        let mut content = Map::new();
        for field in &self.fields {
            if let Some(answer) = answers.iter().find(|answer| answer.key == field.key) {
                field.fill(&answer.values, &mut content);
            }
        }
        json!({"action": "accept", "content": content})
    }
}

/// Nobody answered.
pub(super) fn declined() -> Value {
    json!({"action": "decline"})
}

/// The field of which `key` only is the free text.
fn main_of<'a>(key: &'a str, properties: &Map<String, Value>) -> Option<&'a str> {
    key.strip_suffix("_custom")
        .filter(|main| properties.contains_key(*main))
}

impl Field {
    fn read(key: &str, schema: &Value, properties: &Map<String, Value>) -> Self {
        let multiple = schema["type"] == "array";
        let source = if multiple { &schema["items"] } else { schema };
        let kind = match source["type"].as_str() {
            Some("boolean") => FieldKind::Boolean,
            Some("number" | "integer") => FieldKind::Number,
            _ => FieldKind::Text,
        };
        let other = format!("{key}_custom");
        Self {
            key: key.to_owned(),
            choices: choices(source, kind),
            multiple,
            kind,
            other: properties.contains_key(&other).then_some(other),
        }
    }

    fn item(&self, schema: &Value, message: &str, alone: bool) -> QuestionItem {
        let title = schema["title"].as_str();
        let described = schema["description"].as_str().or(title);
        QuestionItem {
            key: self.key.clone(),
            text: match (alone && !message.is_empty(), described) {
                (true, _) => message.to_owned(),
                (false, Some(words)) => words.to_owned(),
                (false, None) => self.key.clone(),
            },
            options: self
                .choices
                .iter()
                .map(|(value, label)| QuestionOption {
                    label: label.clone(),
                    description: description(schema, value),
                })
                .collect(),
            multiple: self.multiple,
            free_text: self.other.is_some() || self.choices.is_empty(),
        }
    }

    fn fill(&self, values: &[String], content: &mut Map<String, Value>) {
        let (mut chosen, mut own) = (Vec::new(), Vec::new());
        for value in values {
            let choice = self.choices.iter().find(|(_, label)| label == value);
            match choice {
                Some((choice, _)) => chosen.push(choice.clone()),
                None => own.push(value.as_str()),
            }
        }
        if let (Some(other), false) = (&self.other, own.is_empty()) {
            content.insert(other.clone(), Value::from(own.join(", ")));
        } else {
            chosen.extend(own.into_iter().map(|words| self.typed(words)));
        }
        if self.multiple {
            content.insert(self.key.clone(), Value::Array(chosen));
        } else if let Some(first) = chosen.into_iter().next() {
            content.insert(self.key.clone(), first);
        }
    }

    fn typed(&self, words: &str) -> Value {
        match self.kind {
            FieldKind::Number => words
                .trim()
                .parse::<serde_json::Number>()
                .map_or_else(|_| Value::from(words), Value::Number),
            FieldKind::Boolean | FieldKind::Text => Value::from(words),
        }
    }
}

fn choices(schema: &Value, kind: FieldKind) -> Vec<(Value, String)> {
    let titled = ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|name| schema[name].as_array());
    if let Some(options) = titled {
        return options
            .iter()
            .filter(|option| !option["const"].is_null())
            .map(|option| {
                let value = &option["const"];
                let label = option["title"].as_str().map(str::to_owned);
                (value.clone(), label.unwrap_or_else(|| words(value)))
            })
            .collect();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| (value.clone(), words(value)))
            .collect();
    }
    if kind == FieldKind::Boolean {
        return vec![
            (Value::Bool(true), "Yes".to_owned()),
            (Value::Bool(false), "No".to_owned()),
        ];
    }
    Vec::new()
}

fn words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn description(schema: &Value, value: &Value) -> Option<String> {
    [schema, &schema["items"]]
        .into_iter()
        .flat_map(|schema| [&schema["oneOf"], &schema["anyOf"]])
        .filter_map(Value::as_array)
        .flatten()
        .find(|option| option["const"] == *value)?["description"]
        .as_str()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(key: &str, values: &[&str]) -> ItemAnswer {
        ItemAnswer {
            key: key.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn one_choice_with_room_for_own_words() {
        let request = json!({"message": "Which database?", "requestedSchema": {"type": "object", "properties": {
            "question_0": {"type": "string", "title": "DB", "oneOf": [
                {"const": "pg", "title": "Postgres", "description": "big"},
                {"const": "lite", "title": "SQLite"},
            ]},
            "question_0_custom": {"type": "string", "title": "Other"},
        }}});
        let (form, items) = Form::read(&request).unwrap();
        insta::assert_json_snapshot!(items);
        assert_eq!(
            form.fill(&[answer("question_0", &["SQLite"])]),
            json!({"action": "accept", "content": {"question_0": "lite"}})
        );
        assert_eq!(
            form.fill(&[answer("question_0", &["a file"])]),
            json!({"action": "accept", "content": {"question_0_custom": "a file"}})
        );
    }

    #[test]
    fn several_fields_of_other_kinds() {
        let request = json!({"mode": "form", "message": "Settings", "requestedSchema": {"properties": {
            "count": {"type": "integer", "title": "How many?"},
            "sure": {"type": "boolean", "description": "Are you sure?"},
            "parts": {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}},
        }}});
        let (form, items) = Form::read(&request).unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!(
            form.fill(&[
                answer("count", &["3"]),
                answer("sure", &["No"]),
                answer("parts", &["a", "c"]),
            ]),
            json!({"action": "accept", "content": {"count": 3, "sure": false, "parts": ["a", "c"]}})
        );
    }

    #[test]
    fn what_is_no_form_is_not_shown_to_a_person() {
        for request in [
            json!({"mode": "url", "url": "https://x"}),
            json!({"requestedSchema": {"properties": {}}}),
            json!(null),
        ] {
            assert!(Form::read(&request).is_none(), "{request}");
        }
    }
}
