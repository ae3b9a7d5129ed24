//! A small, honest reader of shell commands.
//!
//! It finds the simple commands in a line: their words without quotes, and the
//! files that they are redirected to. Substitutions are read as commands of
//! their own. What it does not know (arithmetic, arrays, patterns) stays text in
//! a word. It never fails: broken input gives the words that were found.

/// Deepest nesting of substitutions that is followed.
const DEPTH_MAX: usize = 12;

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// Its name and arguments, without quotes.
    pub(super) words: Vec<String>,
    /// Files that it writes to by redirection.
    pub(super) writes: Vec<String>,
    /// Files that it reads by redirection.
    pub(super) reads: Vec<String>,
}

/// The simple commands in `text`, in the order in which they stand.
pub(super) fn commands_in(text: &str) -> Vec<Simple> {
    let mut found = Vec::new();
    read(text, 0, &mut found);
    found
}

fn read(text: &str, depth: usize, found: &mut Vec<Simple>) {
    if depth > DEPTH_MAX {
        return;
    }
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        word: None,
        current: Simple::default(),
        redirect: None,
        found: Vec::new(),
        nested: Vec::new(),
    };
    reader.run();
    // A substitution happens before the command that it stands in.
    for inner in std::mem::take(&mut reader.nested) {
        read(&inner, depth + 1, found);
    }
    found.append(&mut reader.found);
}

#[derive(Debug, Clone, Copy)]
enum Redirect {
    Write,
    Read,
    /// What follows is text or a descriptor, not a file.
    Text,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    /// The word under way; none between words, so that `''` is a word.
    word: Option<String>,
    current: Simple,
    redirect: Option<Redirect>,
    found: Vec<Simple>,
    nested: Vec<String>,
}

impl Reader {
    fn run(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '\\' => self.escaped(),
                '`' => self.substitution_until_backtick(),
                '$' => self.dollar(),
                '#' if self.word.is_none() => self.skip_line(),
                '\n' | ';' | '&' | '|' | '(' | ')' => self.operator(c),
                '<' | '>' => self.redirection(c),
                c if c.is_whitespace() => self.end_word(),
                c => self.push(c),
            }
        }
        self.end_command();
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn single_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.next() {
            if c == '\'' {
                return;
            }
            self.push(c);
        }
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => self.push(c),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                },
                '`' => self.substitution_until_backtick(),
                '$' => self.dollar(),
                c => self.push(c),
            }
        }
    }

    fn escaped(&mut self) {
        match self.next() {
            // A line that goes on.
            Some('\n') | None => {}
            Some(c) => self.push(c),
        }
    }

    fn dollar(&mut self) {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.substitution_until_bracket();
            }
            Some('\'') if self.word.is_none() => {
                self.at += 1;
                self.single_quoted();
            }
            _ => self.push('$'),
        }
    }

    fn substitution_until_backtick(&mut self) {
        let mut inner = String::new();
        while let Some(c) = self.next() {
            match c {
                '`' => break,
                '\\' => inner.extend(self.next()),
                c => inner.push(c),
            }
        }
        self.nested.push(inner);
        self.push('$');
    }

    /// Reads until the bracket that closes this one; quotes inside hide brackets.
    fn substitution_until_bracket(&mut self) {
        let mut inner = String::new();
        let mut open = 1;
        let mut quote = None;
        while let Some(c) = self.next() {
            match (c, quote) {
                ('\\', None | Some('"')) => {
                    inner.push(c);
                    inner.extend(self.next());
                    continue;
                }
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(q)) if c == q => quote = None,
                ('(', None) => open += 1,
                (')', None) => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            inner.push(c);
        }
        self.nested.push(inner);
        self.push('$');
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    fn operator(&mut self, c: char) {
        if c == '&' && self.peek() == Some('>') {
            self.at += 1;
            self.end_word();
            self.eat('>');
            self.redirect = Some(Redirect::Write);
            return;
        }
        self.end_command();
    }

    fn redirection(&mut self, c: char) {
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
                    Redirect::Text
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
        // The rest of the first line belongs to the command; the lines after go on from there.
        let after = after.get(1..).unwrap_or_default().join("\n");
        self.chars = format!("{tail}\n{after}").chars().collect();
        self.at = 0;
    }

    fn substitutions_in(&mut self, text: &str) {
        let mut reader = Self {
            chars: text.chars().collect(),
            at: 0,
            word: None,
            current: Simple::default(),
            redirect: None,
            found: Vec::new(),
            nested: Vec::new(),
        };
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

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else {
            return;
        };
        match self.redirect.take() {
            None => self.current.words.push(word),
            Some(Redirect::Write) => self.current.writes.push(word),
            Some(Redirect::Read) => self.current.reads.push(word),
            Some(Redirect::Text) => {}
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirect = None;
        let command = std::mem::take(&mut self.current);
        if command != Simple::default() {
            self.found.push(command);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        commands_in(text)
            .into_iter()
            .map(|found| found.words)
            .collect()
    }

    #[test]
    fn quotes_and_escapes_belong_to_words() {
        assert_eq!(
            words(r#"a 'b c' "d \"e\" $x" f\ g ''"#),
            [["a", "b c", "d \"e\" $x", "f g", ""]]
        );
        assert_eq!(words("r\"m\" -r'f' \\/"), [["rm", "-rf", "/"]]);
        assert_eq!(words("a \\\n b # c ; d\ne"), [vec!["a", "b"], vec!["e"]]);
    }

    #[test]
    fn lists_pipes_and_groups_are_several_commands() {
        let found = words("a && b || c; d | e & (f; g)\nh |& i");
        assert_eq!(
            found.concat(),
            ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
        );
    }

    #[test]
    fn a_substitution_is_a_command_of_its_own_and_comes_first() {
        assert_eq!(
            words("echo $(rm -r \"a)b\")x"),
            [vec!["rm", "-r", "a)b"], vec!["echo", "$x"]]
        );
        assert_eq!(
            words("echo \"`rm a`\""),
            [vec!["rm", "a"], vec!["echo", "$"]]
        );
        assert_eq!(
            words("diff <(a) >(b)"),
            [vec!["a"], vec!["b"], vec!["diff", "$", "$"]]
        );
        assert_eq!(
            words("x $(a $(b))"),
            [vec!["b"], vec!["a", "$"], vec!["x", "$"]]
        );
    }

    #[test]
    fn redirections_name_their_files() {
        let found = commands_in("a <in >out 2>>err 2>&1 &>both >|over <<<text b");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].words, ["a", "b"]);
        assert_eq!(found[0].reads, ["in"]);
        assert_eq!(found[0].writes, ["out", "err", "both", "over"]);
    }

    #[test]
    fn a_here_document_is_input_except_for_what_it_substitutes() {
        let found = commands_in("cat <<EOF > out\nrm -rf /\n$(touch x)\nEOF\nls");
        assert_eq!(found[0].words, ["touch", "x"]);
        assert_eq!(
            (&found[1].words[..], &found[1].writes[..]),
            (&["cat".to_owned()][..], &["out".to_owned()][..])
        );
        assert_eq!(found[2].words, ["ls"]);
        assert_eq!(words("cat <<'EOF'\n$(touch x)\nEOF"), [["cat"]]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[ab'\"\\\\`$(){}<>|&;#\n\t =/~-]{0,60}|\\PC{0,60}") {
            commands_in(&text);
        }

        #[test]
        fn a_quoted_word_comes_through_whole(word in "[^'\\x00]{0,40}") {
            let found = commands_in(&format!("run '{word}' \"end\""));
            proptest::prop_assert_eq!(&found[0].words, &["run".to_owned(), word, "end".to_owned()]);
        }
    }
}
