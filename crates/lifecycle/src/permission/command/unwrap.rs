//! Looking through programs that only run another one.

use super::program_name;

/// What is left of a command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unwrapped<'a> {
    /// The command inside, with its name.
    pub(super) command: &'a [String],
    /// Texts that would be run by a shell.
    pub(super) scripts: Vec<String>,
    /// Whether it asks for the administrator's rights.
    pub(super) elevated: bool,
}

/// Looks through wrappers, assignments and words of the shell's own language.
pub(super) fn unwrap(words: &[String]) -> Unwrapped<'_> {
    let mut found = Unwrapped {
        command: words,
        ..Unwrapped::default()
    };
    while let Some((first, rest)) = found.command.split_first() {
        let name = program_name(first);
        match name.as_str() {
            _ if is_assignment(first) || is_reserved(first) => found.command = rest,
            "sudo" | "doas" | "pkexec" | "run0" | "runas" | "gsudo" => {
                found.elevated = true;
                found.command =
                    after_options(rest, &["-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t"]);
            }
            "su" => {
                found.elevated = true;
                found.scripts.extend(script_after(rest));
                found.command = &[];
            }
            "env" => {
                if let Some(script) = split_string(rest) {
                    found.scripts.push(script);
                    found.command = &[];
                    return found;
                }
                found.command = after_options(rest, &["-u", "-C"]);
            }
            "nohup" | "time" | "exec" | "command" | "builtin" | "setsid" | "stdbuf" | "busybox"
            | "unbuffer" | "caffeinate" => {
                found.command = after_options(rest, &["-i", "-o", "-e", "-a"]);
            }
            "nice" | "ionice" | "chrt" | "taskset" | "xargs" | "parallel" | "watch" | "flock"
            | "strace" | "ltrace" => {
                found.command = after_options(
                    rest,
                    &[
                        "-n", "-c", "-p", "-I", "-L", "-P", "-s", "-d", "-E", "-a", "-o", "-e",
                        "-w",
                    ],
                );
            }
            "timeout" | "gtimeout" => {
                let options = after_options(rest, &["-k", "-s"]);
                found.command = options.get(1..).unwrap_or_default();
            }
            "eval" => {
                found.scripts.push(rest.join(" "));
                found.command = &[];
            }
            "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" | "ash" | "cmd" | "powershell"
            | "pwsh" => {
                found.scripts.extend(script_after(rest));
                return found;
            }
            _ => return found,
        }
    }
    found
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "else"
            | "elif"
            | "fi"
            | "do"
            | "done"
            | "while"
            | "until"
            | "!"
            | "{"
            | "}"
            | "esac"
            | "coproc"
    )
}

/// What follows the options; those in `with_value` take the next word too.
fn after_options<'a>(words: &'a [String], with_value: &[&str]) -> &'a [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word == "-" {
            break;
        }
        at += if with_value.contains(&word.as_str()) {
            2
        } else {
            1
        };
    }
    words.get(at..).unwrap_or_default()
}

/// The command line that `env -S` takes apart, with the words after it.
fn split_string(words: &[String]) -> Option<String> {
    for (at, word) in words.iter().enumerate() {
        if !word.starts_with('-') && !is_assignment(word) {
            return None;
        }
        let rest = || words.get(at + 1..).unwrap_or_default().join(" ");
        if let Some(text) = word.strip_prefix("--split-string") {
            return Some(format!("{} {}", text.trim_start_matches('='), rest()));
        }
        let short = !word.starts_with("--") && word.starts_with('-');
        if let Some((_, text)) = word.split_once('S').filter(|_| short) {
            return Some(format!("{text} {}", rest()));
        }
    }
    None
}

/// Whether a command is a shell that would run what it is given on its input.
pub(super) fn reads_script(words: &[String]) -> bool {
    let found = unwrap(words);
    found.scripts.is_empty()
        && found.command.split_first().is_some_and(|(name, rest)| {
            let is_shell = matches!(
                program_name(name).as_str(),
                "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" | "ash" | "powershell" | "pwsh"
            );
            is_shell
                && (rest.iter().any(|word| word == "-s")
                    || rest.iter().all(|word| word.starts_with('-')))
        })
}

/// The text that a shell is given to run: what follows `-c` (or `/c`, `-Command`).
fn script_after(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| {
        let lower = word.to_lowercase();
        matches!(lower.as_str(), "/c" | "/k" | "-command" | "--command")
            || (lower.starts_with('-') && !lower.starts_with("--") && lower.contains('c'))
    })?;
    let rest = words.get(at + 1..)?;
    let joined = rest.join(" ");
    // A shell takes one text; `cmd /c` and PowerShell take all that follows.
    let takes_all = words
        .get(at)
        .is_some_and(|word| word.starts_with('/') || word.len() > 4);
    if takes_all {
        Some(joined)
    } else {
        rest.first().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(text: &str) -> (Vec<String>, Vec<String>, bool) {
        let words: Vec<String> = text.split('|').map(str::to_owned).collect();
        let found = unwrap(&words);
        (found.command.to_vec(), found.scripts, found.elevated)
    }

    #[test]
    fn the_command_inside_is_found() {
        for (text, command, elevated) in [
            ("rm|a", "rm|a", false),
            ("A=1|B_2+=x|rm|a", "rm|a", false),
            ("sudo|-u|root|-n|rm|a", "rm|a", true),
            ("/usr/bin/env|-i|X=1|nohup|rm|a", "rm|a", false),
            ("timeout|-k|5|10s|nice|-n|5|rm|a", "rm|a", false),
            ("xargs|-0|-n|1|rm|-f", "rm|-f", false),
            ("if|!|rm|a", "rm|a", false),
            ("sudo|--|--odd", "--odd", true),
        ] {
            let (found, scripts, was_elevated) = inside(text);
            assert_eq!(
                (found.join("|").as_str(), was_elevated),
                (command, elevated),
                "{text}"
            );
            assert!(scripts.is_empty());
        }
    }

    #[test]
    fn texts_for_a_shell_are_found() {
        for (text, script) in [
            ("bash|-c|rm a|name", "rm a"),
            ("sudo|sh|-ec|rm a", "rm a"),
            ("eval|rm|a", "rm a"),
            ("su|-|root|-c|rm a", "rm a"),
            ("env|-S|rm a", " rm a"),
            ("env|-iS|rm a|b", " rm a b"),
            ("env|-Srm a", "rm a "),
            ("env|A=1|--split-string=rm a", "rm a "),
            ("cmd.exe|/c|del|a", "del a"),
            (
                "powershell|-NoProfile|-Command|Remove-Item|a",
                "Remove-Item a",
            ),
        ] {
            assert_eq!(inside(text).1, [script], "{text}");
        }
        assert!(inside("bash|script.sh").1.is_empty());
    }
}
