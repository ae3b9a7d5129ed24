//! A small, honest reader of shell commands.
//!
//! It finds the simple commands in a line: their words without quotes, and the
//! files that they are redirected to. Substitutions are read as commands of
//! their own. What it does not know (arithmetic, arrays, patterns) stays text in
//! a word. It never fails: broken input gives the words that were found.

mod redirect;

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
    /// Texts that it is given on its input: here-documents and here-strings.
    pub(super) input: Vec<String>,
    /// Whether what it prints goes to the next command.
    pub(super) pipes: bool,
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
    let mut reader = Reader::new(text);
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
    /// What follows is a text for its input.
    Input,
    /// What follows is a descriptor, not a file.
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
    fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            word: None,
            current: Simple::default(),
            redirect: None,
            found: Vec::new(),
            nested: Vec::new(),
        }
    }

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
        let is_pipe = c == '|' && !self.eat('|');
        if is_pipe {
            self.eat('&');
        }
        self.current.pipes = is_pipe;
        self.end_command();
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else {
            return;
        };
        match self.redirect.take() {
            None => self.current.words.push(word),
            Some(Redirect::Write) => self.current.writes.push(word),
            Some(Redirect::Read) => self.current.reads.push(word),
            Some(Redirect::Input) => self.current.input.push(word),
            Some(Redirect::Text) => {}
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirect = None;
        let command = std::mem::take(&mut self.current);
        let nothing = Simple {
            pipes: command.pipes,
            ..Simple::default()
        };
        if command != nothing {
            self.found.push(command);
        }
    }
}

#[cfg(test)]
mod tests;
