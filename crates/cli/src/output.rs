//! What a command says: its result, and the words beside it.
//!
//! Results go to standard output, as JSON when asked; messages go to standard
//! error. Colour only where a terminal shows it and nobody has said no.

mod table;

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
};

use serde::Serialize;

use crate::exit::{Done, Exit, Failure};

pub(crate) use table::Table;

/// Where results and messages go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// Results as JSON.
    pub(crate) json: bool,
    /// Only results and failures.
    pub(crate) quiet: bool,
    colour_err: bool,
}

/// How a piece of text is set off.
#[derive(Debug, Clone, Copy)]
enum Style {
    /// Stands out.
    Bold,
    /// Went wrong.
    Red,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Red => "31",
        }
    }
}

impl Output {
    /// Decides about colour once.
    pub(crate) fn new(json: bool, quiet: bool, no_colour: bool) -> Self {
        let wanted = !no_colour
            && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && env::var_os("TERM").is_none_or(|value| value != "dumb");
        Self {
            json,
            quiet,
            colour_err: wanted && io::stderr().is_terminal(),
        }
    }

    /// Whether messages may be coloured.
    pub(crate) fn colours_messages(self) -> bool {
        self.colour_err
    }

    /// The result of a command: `value` as JSON, or the words of `human`.
    pub(crate) fn result<T: Serialize>(self, value: &T, human: impl FnOnce() -> String) -> Done {
        if self.json {
            json_line(value)?;
        } else {
            text(&human())?;
        }
        Ok(Exit::Ok)
    }

    /// A message beside the result; nothing when quiet.
    pub(crate) fn message(self, text: &str) {
        if !self.quiet {
            write_err(text);
        }
    }

    /// Why the command did not do what it should.
    pub(crate) fn failure(self, failure: &Failure) {
        let error = paint(self.colour_err, Style::Red, "error:");
        write_err(&format!("{error} {}", failure.message));
        if let Some(hint) = &failure.hint {
            let label = paint(self.colour_err, Style::Bold, "hint:");
            write_err(&format!("{label} {hint}"));
        }
    }
}

/// One line of JSON on standard output.
pub(crate) fn json_line<T: Serialize>(value: &T) -> Result<(), Failure> {
    let mut line = serde_json::to_string(value)
        .map_err(|error| Failure::plain(format!("the result is not JSON: {error}")))?;
    line.push('\n');
    write_out(line.as_bytes())
}

/// Text on standard output, with a line feed when it has none.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    if text.is_empty() {
        return Ok(());
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    write_out(format!("{text}{end}").as_bytes())
}

/// Bytes on standard output, as they are.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    write_out(bytes)
}

/// A message that is needed to go on, said even when quiet.
pub(crate) fn prompt(text: &str) {
    write_err(text);
}

fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour {
        format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
    } else {
        text.to_owned()
    }
}

fn write_out(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // The reader has seen enough, as `head` does; that is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::silent(Exit::Ok)),
        Err(error) => Err(Failure::plain(format!(
            "standard output cannot be written: {error}"
        ))),
    }
}

fn write_err(text: &str) {
    // There is nobody left to tell when standard error itself is gone.
    drop(writeln!(io::stderr().lock(), "{text}"));
}
