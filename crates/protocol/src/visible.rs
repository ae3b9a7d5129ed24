//! Text that others wrote, with every character that would not be seen made visible.
//!
//! The pages do the same in TypeScript; both are held to one table of examples
//! (`crates/protocol/fixtures/visible.json`).

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Plain(&'a str),
    /// A character that would not be seen, or that turns the text around.
    Hidden(char),
}

/// Splits `text` so that every hidden character stands alone.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if is_hidden(c, before) {
            if at > from {
                found.extend(text.get(from..at).map(Piece::Plain));
            }
            found.push(Piece::Hidden(c));
            from = at + c.len_utf8();
        }
        before = Some(c);
    }
    if from < text.len() {
        found.extend(text.get(from..).map(Piece::Plain));
    }
    found
}

/// The whole text, with hidden characters as `[U+202E]`; line feeds and tabs stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => shown.push_str(plain),
            Piece::Hidden(c) => {
                shown.push('[');
                shown.push_str(&name_of(c));
                shown.push(']');
            }
        }
    }
    shown
}

/// How a hidden character is named: `U+202E`.
pub fn name_of(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Whether `c` after `before` would not be seen, or changes the order of what is.
fn is_hidden(c: char, before: Option<char>) -> bool {
    match c {
        '\n' | '\t' => false,
        // Part of how an emoji is written.
        '\u{fe0f}' => !before.is_some_and(is_pictographic),
        c => c.is_control() || is_format(c) || is_ignorable(c),
    }
}

/// Format characters (Cf) and the separators of lines and paragraphs, as of Unicode 16.
const fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// What fonts leave out (`Default_Ignorable_Code_Point`), as far as it is no format character.
const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2065}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a sign may be an emoji: the blocks that hold them.
const fn is_pictographic(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
        | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One example, as the pages read it too.
    #[derive(serde::Deserialize)]
    struct Example {
        text: String,
        shown: String,
    }

    #[test]
    fn the_table_of_examples_holds() {
        let table = include_str!("../fixtures/visible.json");
        let examples: Vec<Example> = serde_json::from_str(table).unwrap();
        assert!(examples.len() > 15);
        for Example { text, shown } in examples {
            assert_eq!(visible(&text), shown, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_stays_hidden(text in "\\PC{0,20}[\u{200b}-\u{202e}\u{e0020}a\n]{0,10}\\PC{0,10}") {
            let again: String = pieces(&text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Plain(plain) => plain.to_owned(),
                    Piece::Hidden(c) => c.to_string(),
                })
                .collect();
            proptest::prop_assert_eq!(&again, &text);
            let shown = visible(&text);
            proptest::prop_assert_eq!(visible(&shown), shown);
        }
    }
}
