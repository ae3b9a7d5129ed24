//! The command within `/bin/bash -lc '…'`, which is how Codex runs everything.

const SHELLS: [&str; 5] = ["sh", "bash", "zsh", "dash", "ksh"];

/// The command that a shell is given; the whole where it is no shell with one command.
pub(super) fn unwrapped(command: &str) -> String {
    inner(command).unwrap_or_else(|| command.to_owned())
}

fn inner(command: &str) -> Option<String> {
    let [shell, option, inner] = <[String; 3]>::try_from(words(command)?).ok()?;
    let name = shell.rsplit('/').next()?;
    (SHELLS.contains(&name) && matches!(option.as_str(), "-c" | "-lc")).then_some(inner)
}

/// The words of a command that consists of nothing but words; none where a shell
/// would do more with it than take them apart.
fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut signs = command.chars();
    while let Some(sign) = signs.next() {
        match sign {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match signs.next()? {
                        '\'' => break,
                        sign => word.push(sign),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match signs.next()? {
                        '"' => break,
                        '\\' => match signs.next()? {
                            sign @ ('$' | '`' | '"' | '\\') => word.push(sign),
                            sign => word.extend(['\\', sign]),
                        },
                        '$' | '`' => return None,
                        sign => word.push(sign),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(signs.next()?),
            '$' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '#' | '~'
            | '\n' | '\t' => return None,
            sign => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_command_within_the_shell_is_shown() {
        for (command, shown) in [
            ("/bin/bash -lc 'echo hi > a.txt'", "echo hi > a.txt"),
            ("bash -lc ls", "ls"),
            (
                r#"/bin/sh -c "echo \"it's\" \$HOME""#,
                r#"echo "it's" $HOME"#,
            ),
            (r#"/bin/zsh -lc 'it'"'"'s'"#, "it's"),
        ] {
            assert_eq!(unwrapped(command), shown);
        }
    }

    #[test]
    fn anything_else_is_shown_in_full() {
        for command in [
            "git push",
            "/bin/bash -lc 'a' b",
            "/bin/bash -x -lc",
            "/bin/bash -lc a; rm -rf /",
            "/bin/bash -lc \"$(x)\"",
            "/bin/bash -lc 'open",
            "evil/notashell -lc 'a'",
            "",
        ] {
            assert_eq!(unwrapped(command), command);
        }
    }

    proptest! {
        #[test]
        fn a_quoted_command_is_the_command(command in "\\PC{1,60}") {
            let quoted = format!("/bin/bash -lc '{}'", command.replace('\'', r#"'"'"'"#));
            prop_assert_eq!(unwrapped(&quoted), command);
        }
    }
}
