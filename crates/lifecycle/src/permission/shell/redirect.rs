//! Redirections and here-documents.

use super::{Reader, Redirect};

impl Reader {
    pub(super) fn redirection(&mut self, c: char) {
        // A number right before belongs to the redirection: `2>`.
        if self
            .word
            .as_ref()
            .is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()))
        {
            self.word = None;
        }
        self.end_word();
        if self.eat('(') {
            self.substitution_until_bracket();
            return;
        }
        self.redirect = Some(match c {
            '>' => {
                if !self.eat('>') {
                    self.eat('|');
                }
                if self.eat('&') {
                    Redirect::Text
                } else {
                    Redirect::Write
                }
            }
            _ if self.eat('<') => {
                if self.eat('<') {
                    Redirect::Input
                } else {
                    self.here_document();
                    return;
                }
            }
            _ if self.eat('>') => Redirect::Write,
            _ if self.eat('&') => Redirect::Text,
            _ => Redirect::Read,
        });
    }

    /// Passes over the lines up to the delimiter; what stands in them is input, not commands.
    ///
    /// Substitutions in them happen all the same, unless the delimiter is quoted.
    fn here_document(&mut self) {
        self.eat('-');
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
        let rest: String = self.chars.iter().skip(self.at).collect();
        let Some((first, body)) = rest.split_once('\n') else {
            return;
        };
        let end = first
            .find([' ', ';', '&', '|', '>', '<', ')'])
            .unwrap_or(first.len());
        let (delimiter, tail) = first.split_at(end);
        let plain = delimiter.replace(['\'', '"', '\\'], "");
        let lines: Vec<&str> = body.split('\n').collect();
        let length = lines
            .iter()
            .position(|line| line.trim_start_matches('\t') == plain);
        let (inside, after) = lines.split_at(length.unwrap_or(lines.len()));
        if plain == delimiter {
            self.substitutions_in(&inside.join("\n"));
        }
        self.current.input.push(inside.join("\n"));
        // The rest of the first line belongs to the command; the lines after go on from there.
        let after = after.get(1..).unwrap_or_default().join("\n");
        self.chars = format!("{tail}\n{after}").chars().collect();
        self.at = 0;
    }

    fn substitutions_in(&mut self, text: &str) {
        let mut reader = Self::new(text);
        while let Some(c) = reader.next() {
            match c {
                '\\' => drop(reader.next()),
                '`' => reader.substitution_until_backtick(),
                '$' => reader.dollar(),
                _ => {}
            }
        }
        self.nested.append(&mut reader.nested);
    }
}
