//! What a command would touch, as far as its words say.

mod programs;
mod unwrap;

use protocol::approval::Risk;

use super::{
    Findings, Places, System, Touch, floor,
    path::{looks_like_path, resolve},
    shell::{Simple, commands_in},
};

/// Deepest nesting of `sh -c` and its kin that is followed.
const DEPTH_MAX: usize = 8;

/// Looks at a whole command line that would run in `directory`, which is resolved.
pub(super) fn look_at(text: &str, directory: String, places: &Places<'_>, findings: &mut Findings) {
    // A backslash is a quote in one shell of Windows, and part of a path in the others.
    if places.system == System::Windows && text.contains('\\') {
        let as_path = text.replace('\\', "/");
        look_at(&as_path, directory.clone(), places, findings);
    }
    let mut look = Look {
        places,
        findings,
        directory: Some(directory),
        depth: 0,
    };
    look.script(text);
}

struct Look<'a, 'p> {
    places: &'a Places<'p>,
    findings: &'a mut Findings,
    /// The current directory; none once it is not known any more.
    directory: Option<String>,
    depth: usize,
}

impl Look<'_, '_> {
    fn script(&mut self, text: &str) {
        if self.depth > DEPTH_MAX {
            return;
        }
        self.depth += 1;
        let mut said: Option<String> = None;
        for command in commands_in(text) {
            self.simple(&command);
            let given = command.input.iter().cloned().chain(said.take());
            for text in given {
                self.given(&command.words, &text);
            }
            said = printed(&command);
        }
        self.depth -= 1;
    }

    /// What a command makes of a text on its input, as far as it is one that runs it.
    fn given(&mut self, words: &[String], text: &str) {
        if unwrap::reads_script(words) {
            self.script(text);
        } else if words.iter().any(|word| program_name(word) == "xargs") {
            let further = text.split_whitespace().map(str::to_owned);
            let whole: Vec<String> = words.iter().cloned().chain(further).collect();
            self.words(&whole);
        }
    }

    fn simple(&mut self, command: &Simple) {
        for target in &command.writes {
            self.write(target);
        }
        for source in &command.reads {
            self.mention(source);
        }
        self.words(&command.words);
    }

    /// One command without its redirections.
    fn words(&mut self, words: &[String]) {
        let unwrapped = unwrap::unwrap(words);
        if unwrapped.elevated {
            self.findings.risk(Risk::Elevated);
        }
        for script in &unwrapped.scripts {
            self.script(script);
        }
        let Some((name, arguments)) = unwrapped.command.split_first() else {
            return;
        };
        let name = program_name(name);
        if matches!(name.as_str(), "cd" | "pushd" | "set-location") {
            self.change_directory(arguments);
            return;
        }
        for argument in arguments {
            self.argument(argument);
        }
        programs::look_at(self, &name, arguments);
    }

    fn change_directory(&mut self, arguments: &[String]) {
        let target = arguments.iter().find(|word| !word.starts_with('-'));
        self.directory = match (target, &self.directory) {
            (None, _) if arguments.is_empty() => Some(resolve("~", "/", self.places)),
            (Some(word), Some(base)) if !word.contains('$') || word.starts_with("$HOME") => {
                Some(resolve(word, base, self.places))
            }
            _ => None,
        };
    }

    /// Any word may name a file that is read: `--key=/x`, `if=/x`, `@/x`.
    fn argument(&mut self, word: &str) {
        let value = word.split_once('=').map_or(word, |(_, value)| value);
        for part in [word, value, value.trim_start_matches('@')] {
            let is_path = looks_like_path(part, self.places) || floor::looks_secret(part);
            if is_path && !part.contains("://") {
                self.mention(part);
            }
        }
    }

    fn mention(&mut self, path: &str) {
        self.touch(path, Touch::Mention);
    }

    fn write(&mut self, path: &str) {
        if let Some(full) = self.full(path)
            && floor::is_disk(&full)
        {
            self.findings.deny(
                floor::DISKS,
                format!("writing to {full} would destroy what is on the disk"),
            );
        }
        self.touch(path, Touch::Write);
    }

    fn touch(&mut self, path: &str, touch: Touch) {
        match self.full(path) {
            Some(full) => self.findings.touches(&full, touch, self.places),
            None => self.findings.risk(Risk::OutsideFolder),
        }
    }

    /// The full path of a word; a pattern in it stands for everything beside it.
    fn full(&self, path: &str) -> Option<String> {
        let base = match &self.directory {
            Some(directory) => directory.clone(),
            // Without a known directory only a full path says where it leads.
            None => resolve(path, "/", self.places)
                .eq(&resolve(path, "/elsewhere", self.places))
                .then(|| "/".to_owned())?,
        };
        Some(resolve(before_pattern(path), &base, self.places))
    }
}

/// The text that a command hands on by a pipe, where its words say which.
fn printed(command: &Simple) -> Option<String> {
    let (name, rest) = command.words.split_first()?;
    let text = match program_name(name).as_str() {
        "echo" | "printf" => rest.join(" "),
        "cat" => command.input.join("\n"),
        _ => return None,
    };
    command.pipes.then_some(text)
}

/// What stands before the first part of a path that holds a pattern.
fn before_pattern(path: &str) -> &str {
    let Some(at) = path.find(['*', '?', '[', '{']) else {
        return path;
    };
    // `${HOME}` is a name and no pattern.
    if path.starts_with("${HOME}")
        && !path
            .get(7..)
            .unwrap_or_default()
            .contains(['*', '?', '[', '{'])
    {
        return path;
    }
    let before = path.get(..at).unwrap_or_default();
    match before.rfind('/') {
        Some(0) => "/",
        Some(slash) => before.get(..slash).unwrap_or_default(),
        None => ".",
    }
}

/// A program's bare name, in lower case and without `.exe`.
pub(super) fn program_name(word: &str) -> String {
    let bare = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(word)
        .to_lowercase();
    bare.strip_suffix(".exe")
        .map_or(bare.clone(), str::to_owned)
}
