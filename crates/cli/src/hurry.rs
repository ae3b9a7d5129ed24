//! What programs start again and again, and wait for: a worker, the demo agent, a question for the
//! version.
//!
//! The description of the whole command line takes longer to make than all else that these do
//! before they are ready, so only theirs is made. What is wrong with the arguments, and what they
//! mean, is said by the whole one.

use std::ffi::{OsStr, OsString};

use clap::{Parser, Subcommand, error::ErrorKind};

use crate::arguments::{Arguments, Command, Common, DemoAgent, Worker};

/// Only that part of the command line.
#[derive(Debug, Parser)]
#[command(name = "coord", version)]
struct Hurried {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    DemoAgent(DemoAgent),
    Worker(Worker),
}

/// What was typed, where it is one of these and nothing is wrong with it; says the version itself.
pub(crate) fn arguments(typed: &[OsString]) -> Option<Arguments> {
    let first = typed.get(1).and_then(|word| OsStr::to_str(word))?;
    if !["worker", "demo-agent", "--version"].contains(&first) {
        return None;
    }
    match Hurried::try_parse_from(typed) {
        Ok(Hurried { common, verb }) => Some(Arguments {
            common,
            command: Some(match verb {
                Verb::DemoAgent(arguments) => Command::DemoAgent(arguments),
                Verb::Worker(arguments) => Command::Worker(arguments),
            }),
        }),
        Err(said) if said.kind() == ErrorKind::DisplayVersion => said.exit(),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Option<String> {
        let typed: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        arguments(&typed).map(|arguments| format!("{arguments:?}"))
    }

    #[test]
    fn it_means_what_the_whole_command_line_means() {
        for words in [
            "coord worker",
            "coord worker --attempt /a/b",
            "coord worker --attempt=/a/b -vv --no-color",
            "coord demo-agent",
            "coord demo-agent --quiet",
        ] {
            let whole = Arguments::try_parse_from(words.split(' ')).unwrap();
            assert_eq!(parsed(words), Some(format!("{whole:?}")), "{words}");
        }
    }

    #[test]
    fn everything_else_is_left_to_the_whole_command_line() {
        for words in [
            "coord",
            "coord job list",
            "coord worker --help",
            "coord worker --nonsense",
            "coord demo-agent --nonsense",
        ] {
            assert_eq!(parsed(words), None, "{words}");
        }
    }
}
