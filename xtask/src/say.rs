//! What is said to the person at the terminal.

use std::{
    env,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

/// A line about what happens next.
pub(crate) fn step(text: &str) {
    line(&paint("1;36", text));
}

/// A line.
pub(crate) fn line(text: &str) {
    // Nobody is left to tell when standard error is gone.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// A line that must not be overlooked.
pub(crate) fn warning(text: &str) {
    line(&format!("{} {text}", paint("1;33", "warning:")));
}

/// Why it ends here.
pub(crate) fn error(text: &str) {
    line(&format!("{} {text}", paint("1;31", "error:")));
}

/// Asks for a yes; anything else is a no.
pub(crate) fn ask(question: &str) -> bool {
    drop(write!(io::stderr().lock(), "{question} [Y/n] "));
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer).unwrap_or(0) == 0 {
        return false;
    }
    matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

/// Whether somebody can answer.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn paint(code: &str, text: &str) -> String {
    let colour = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
