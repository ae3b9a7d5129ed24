//! Commands as rules see them: words, and nothing around them.

use super::{
    super::{command::program_name, shell::commands_in},
    NotARule, TEXT_CHARS_MAX, WORDS_MAX,
};

/// Programs that run whatever they are told to, or whatever a file says.
const RUN_ANYTHING: [&str; 72] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "fish",
    "ash",
    "csh",
    "tcsh",
    "cmd",
    "powershell",
    "pwsh",
    "sudo",
    "doas",
    "su",
    "pkexec",
    "run0",
    "runas",
    "gsudo",
    "env",
    "eval",
    "exec",
    "source",
    ".",
    "command",
    "builtin",
    "nohup",
    "time",
    "timeout",
    "gtimeout",
    "setsid",
    "stdbuf",
    "busybox",
    "nice",
    "ionice",
    "chrt",
    "taskset",
    "xargs",
    "parallel",
    "watch",
    "flock",
    "strace",
    "ltrace",
    "gdb",
    "lldb",
    "script",
    "expect",
    "ssh",
    "rsync",
    "socat",
    "nc",
    "ncat",
    "find",
    "fd",
    "awk",
    "gawk",
    "mawk",
    "sed",
    "ed",
    "vi",
    "vim",
    "emacs",
    "nvim",
    "osascript",
    "at",
    "crontab",
    "tar",
    "docker",
    "podman",
    "kubectl",
    "chroot",
    "nsenter",
];
/// Interpreters; a named module of one is as good as a program.
const INTERPRETERS: [&str; 14] = [
    "python", "python2", "python3", "py", "node", "nodejs", "deno", "bun", "perl", "ruby", "php",
    "lua", "tclsh", "rscript",
];
/// Programs that are asked about each time.
const DANGEROUS: [&str; 24] = [
    "rm",
    "rmdir",
    "unlink",
    "shred",
    "truncate",
    "dd",
    "del",
    "erase",
    "rd",
    "remove-item",
    "mv",
    "chmod",
    "chown",
    "chgrp",
    "ln",
    "systemctl",
    "service",
    "launchctl",
    "mount",
    "umount",
    "shutdown",
    "reboot",
    "kill",
    "coord",
];
/// Verbs of git that run programs, or change what it runs.
const GIT_VERBS: [&str; 8] = [
    "config",
    "bisect",
    "submodule",
    "filter-branch",
    "difftool",
    "mergetool",
    "credential",
    "daemon",
];
/// Programs whose first argument says what they do.
const WITH_VERB: [&str; 22] = [
    "git", "cargo", "npm", "pnpm", "yarn", "go", "pip", "pip3", "uv", "gem", "bundle", "brew",
    "apt", "apt-get", "dotnet", "mvn", "gradle", "make", "just", "gh", "poetry", "composer",
];

/// The words of a single command with nothing around it; none for anything else.
///
/// No list or pipe, no redirection, no substitution, and no sign that a shell would replace.
pub(super) fn plain_command(text: &str) -> Option<Vec<String>> {
    let mut found = commands_in(text);
    let command = found.pop().filter(|_| found.is_empty())?;
    let alone = command.writes.is_empty()
        && command.reads.is_empty()
        && command.input.is_empty()
        && !command.pipes
        && !text.contains(['`', '$', '(', ')', '&', '|', ';', '<', '>', '\n']);
    let plain = alone && command.words.iter().all(|word| is_plain(word));
    (plain && !command.words.is_empty()).then_some(command.words)
}

/// The first words of a command, as few as say what it does.
pub(super) fn narrow_prefix(words: &[String]) -> Vec<String> {
    let name = words
        .first()
        .map(|word| program_name(word))
        .unwrap_or_default();
    let verb = words.get(1).filter(|word| !word.starts_with('-'));
    let few = match verb.map(String::as_str) {
        // What is run stands after it.
        Some("run" | "exec") if WITH_VERB.contains(&name.as_str()) => 3,
        Some(_) if WITH_VERB.contains(&name.as_str()) => 2,
        _ => words.len(),
    };
    words.iter().take(few.min(WORDS_MAX)).cloned().collect()
}

/// Whether words may stand in a rule.
pub(super) fn check(words: &[String]) -> Result<(), NotARule> {
    let (Some(first), count) = (words.first(), words.len()) else {
        return Err(NotARule::Empty);
    };
    if words.iter().any(|word| word.trim().is_empty()) {
        return Err(NotARule::Empty);
    }
    if count > WORDS_MAX
        || words
            .iter()
            .any(|word| word.chars().count() > TEXT_CHARS_MAX)
    {
        return Err(NotARule::TooLong);
    }
    if !words.iter().all(|word| is_plain(word) && is_one_word(word)) {
        return Err(NotARule::Signs);
    }
    let name = program_name(first);
    let name = name.as_str();
    // A program by its path may be one that the agent has just written.
    let by_path = first.contains(['/', '\\', '=']);
    let second = words.get(1).map(String::as_str);
    let interprets = INTERPRETERS.iter().any(|interpreter| {
        name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == *interpreter
            || name == *interpreter
    });
    let module = second == Some("-m") && count > 2;
    if by_path || RUN_ANYTHING.contains(&name) || interprets && !module {
        return Err(NotARule::RunsAnything);
    }
    if matches!(name, "npx" | "bunx" | "uvx" | "pipx") && count < 2 {
        return Err(NotARule::RunsAnything);
    }
    let any_verb = WITH_VERB.contains(&name) && second.is_none_or(|word| word.starts_with('-'));
    let runs_named = matches!(second, Some("run" | "exec" | "x" | "dlx")) && count < 3;
    if any_verb && name != "make" || runs_named && WITH_VERB.contains(&name) {
        return Err(NotARule::RunsAnything);
    }
    if name == "git" && second.is_some_and(|verb| GIT_VERBS.contains(&verb)) || hands_over(words) {
        return Err(NotARule::RunsAnything);
    }
    let loses = name == "git" && matches!(second, Some("clean" | "reset" | "rm"));
    let is_dangerous = DANGEROUS.contains(&name) || name.starts_with("mkfs") || loses;
    if is_dangerous {
        Err(NotARule::Dangerous)
    } else {
        Ok(())
    }
}

/// Whether an argument hands over to another program, whatever the first words are.
pub(super) fn hands_over(words: &[String]) -> bool {
    const OPTIONS: [&str; 15] = [
        "--upload-pack",
        "--receive-pack",
        "--exec",
        "--exec-path",
        "--ext-diff",
        "--open-files-in-pager",
        "--config-env",
        "--to-command",
        "--checkpoint-action",
        "--use-compress-program",
        "--rsh",
        "--editor",
        "--pager",
        "--config",
        "--node-options",
    ];
    let git = words
        .first()
        .is_some_and(|word| program_name(word) == "git");
    words.iter().skip(1).any(|word| {
        let option = word.split('=').next().unwrap_or_default();
        // An option of git may be cut short as long as it is clear.
        let named = OPTIONS.iter().any(|known| {
            *known == option || (git && option.len() > 4 && known.starts_with(option))
        });
        named
            || git && (word.starts_with("-c") || word.starts_with("-x") || word.starts_with("-O"))
            || git && word.starts_with("ext::")
    })
}

/// Whether a shell takes the word as it stands.
fn is_plain(word: &str) -> bool {
    !word.contains(['*', '?', '[', ']', '{', '}', '$', '`', '~', '!'])
        && !word.chars().any(char::is_control)
}

/// Whether it needs no quotes.
fn is_one_word(word: &str) -> bool {
    !word.contains(|c: char| c.is_whitespace() || "\"'\\;|&<>()#".contains(c))
}
