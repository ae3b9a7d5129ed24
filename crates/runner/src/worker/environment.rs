//! What an agent gets to see of the owner's environment: little, and by name.

use std::path::Path;

use protocol::agent::AgentName;

use crate::folder::JobFolder;

/// The variable by which an agent's processes are recognised, wherever they went.
pub(crate) use agents::MARK_VARIABLE as MARK;

/// What every program needs to find its way around a system.
const COMMON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "COLORTERM",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// The same for Windows, where names are compared without case.
const COMMON_WINDOWS: &[&str] = &[
    "ALLUSERSPROFILE",
    "APPDATA",
    "COMMONPROGRAMFILES",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "NUMBER_OF_PROCESSORS",
    "OS",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// Beginnings of names that belong to one agent.
fn own_prefixes(agent: &AgentName) -> &'static [&'static str] {
    match agent.as_str() {
        AgentName::CLAUDE => &["ANTHROPIC_", "CLAUDE_"],
        "codex" => &["OPENAI_", "CODEX_"],
        "gemini" => &["GEMINI_", "GOOGLE_"],
        _ => &[],
    }
}

/// Set by a surrounding session of the same agent; they would tie the new one to it.
const OF_ANOTHER_SESSION: &[&str] = &["CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT"];

/// The part of the owner's environment that `agent` may see.
pub(crate) fn allowed(
    owner: impl IntoIterator<Item = (String, String)>,
    agent: &AgentName,
) -> Vec<(String, String)> {
    let prefixes = own_prefixes(agent);
    let is_own = |name: &str| {
        prefixes.iter().any(|prefix| name.starts_with(prefix))
            && !OF_ANOTHER_SESSION.contains(&name)
    };
    let mut environment: Vec<_> = owner.into_iter().collect();
    environment.retain(|(name, _)| is_common(name) || is_own(name));
    environment
}

/// The part of the owner's environment that no program can do without.
pub(crate) fn common(owner: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut environment: Vec<_> = owner.into_iter().collect();
    environment.retain(|(name, _)| is_common(name));
    environment
}

fn is_common(name: &str) -> bool {
    let windows = || {
        let mut known = COMMON_WINDOWS.iter().chain(COMMON);
        known.any(|known| known.eq_ignore_ascii_case(name))
    };
    COMMON.contains(&name) || name.starts_with("LC_") || (cfg!(windows) && windows())
}

/// Adds what belongs to this one attempt.
pub(crate) fn for_attempt(
    mut allowed: Vec<(String, String)>,
    attempt: &str,
    job: &JobFolder,
) -> Vec<(String, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let temporary = text(&job.temporary());
    allowed.extend([
        ("TMPDIR".to_owned(), temporary.clone()),
        ("COORD_OUTPUT_DIR".to_owned(), text(&job.output())),
        ("COORD_INPUTS_DIR".to_owned(), text(&job.inputs())),
        (MARK.to_owned(), attempt.to_owned()),
    ]);
    if cfg!(windows) {
        allowed.extend([
            ("TEMP".to_owned(), temporary.clone()),
            ("TMP".to_owned(), temporary),
        ]);
    }
    allowed
}

/// Values in `environment` that must never be read by others: by their names, and what stands
/// in an address as the password, such as a proxy's.
pub(crate) fn secrets(environment: &[(String, String)]) -> Vec<String> {
    const TELLING: &[&str] = &[
        "KEY",
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "CREDENTIAL",
        "CREDENTIALS",
        "AUTH",
    ];
    let named = environment.iter().filter(|(name, _)| {
        let name = name.to_uppercase();
        name.split('_').any(|word| TELLING.contains(&word))
    });
    let passwords = environment
        .iter()
        .filter_map(|(_, value)| password_in(value));
    named
        .map(|(_, value)| value.clone())
        .chain(passwords)
        .collect()
}

/// The password in `http://user:password@proxy:3128`.
fn password_in(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (who, _) = authority.rsplit_once('@')?;
    let (_, password) = who.split_once(':')?;
    (!password.is_empty()).then(|| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(names: &[&str]) -> Vec<(String, String)> {
        names
            .iter()
            .map(|&name| (name.to_owned(), format!("value of {name}")))
            .collect()
    }

    fn names(environment: &[(String, String)]) -> Vec<&str> {
        environment.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn an_agent_sees_its_own_variables_and_nobody_elses() {
        let owner = variables(&[
            "PATH",
            "LC_ALL",
            "ANTHROPIC_API_KEY",
            "CLAUDE_CONFIG_DIR",
            "CLAUDE_CODE_SSE_PORT",
            "OPENAI_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "COORD_SERVER",
            "SSH_AUTH_SOCK",
            "GITHUB_TOKEN",
        ]);
        let claude = allowed(owner.clone(), &AgentName::new(AgentName::CLAUDE));
        assert_eq!(
            names(&claude),
            ["PATH", "LC_ALL", "ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR"]
        );
        let demo = allowed(owner, &AgentName::new(AgentName::DEMO));
        assert_eq!(names(&demo), ["PATH", "LC_ALL"]);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        let found = secrets(&variables(&["ANTHROPIC_API_KEY", "MONKEY_COUNT", "PATH"]));
        assert_eq!(found, ["value of ANTHROPIC_API_KEY"]);
    }

    #[test]
    fn a_password_in_an_address_is_a_secret() {
        let found = |value: &str| secrets(&[("HTTPS_PROXY".to_owned(), value.to_owned())]);
        assert_eq!(found("http://ada:p4ss-w0rd@proxy:3128"), ["p4ss-w0rd"]);
        assert_eq!(found("socks5://ada:a@b@proxy/x@y"), ["a@b"]);
        for plain in [
            "http://proxy:3128",
            "http://ada@proxy:3128",
            "http://ada:@proxy",
            "http://proxy/a:b@c",
            "ada:secret@proxy",
        ] {
            assert!(found(plain).is_empty(), "{plain}");
        }
    }
}
