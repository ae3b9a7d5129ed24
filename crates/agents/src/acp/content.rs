//! Texts and changes inside of messages.

use serde_json::Value;

use crate::text::diff;

/// The text of a content block; what is no text is named.
pub(super) fn text_of_block(block: &Value) -> String {
    match block["type"].as_str() {
        Some("text") => block["text"].as_str().unwrap_or_default().to_owned(),
        Some("resource_link") => format!("[{}]", block["uri"].as_str().unwrap_or("link")),
        Some("resource") => block["resource"]["text"]
            .as_str()
            .unwrap_or("[resource]")
            .to_owned(),
        Some(kind) => format!("[{kind}]"),
        None => String::new(),
    }
}

/// The text that a tool call carries.
pub(super) fn text_of_tool(content: &Value) -> Option<String> {
    let texts: Vec<String> = content
        .as_array()?
        .iter()
        .filter(|item| item["type"] == "content")
        .map(|item| text_of_block(&item["content"]))
        .filter(|text| !text.is_empty())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// A change of a file: its path, and the change or the new content in full.
pub(super) struct Change {
    pub(super) path: String,
    pub(super) diff: String,
}

/// All changes that a tool call carries.
pub(super) fn changes_of_tool(content: &Value) -> Vec<Change> {
    let items = content.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter(|item| item["type"] == "diff")
        .map(|item| {
            let path = item["path"].as_str().unwrap_or_default();
            let old = item["oldText"].as_str().unwrap_or_default();
            let new = item["newText"].as_str().unwrap_or_default();
            Change {
                path: path.to_owned(),
                diff: diff(path, old, new),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_shows_what_goes_and_what_comes() {
        let content = json!([
            {"type": "content", "content": {"type": "text", "text": "note"}},
            {"type": "diff", "path": "a.txt", "oldText": "one\ntwo\n", "newText": "one\n2\n"},
            {"type": "diff", "path": "b.txt", "oldText": null, "newText": "new"},
        ]);
        let changes = changes_of_tool(&content);
        assert_eq!(
            changes[0].diff,
            "--- a.txt\n+++ a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
        );
        assert_eq!(
            (changes[1].path.as_str(), changes[1].diff.as_str()),
            ("b.txt", "new")
        );
        assert_eq!(text_of_tool(&content).unwrap(), "note");
    }
}
