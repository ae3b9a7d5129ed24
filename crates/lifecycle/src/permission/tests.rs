//! The floor and the policies, by example.

mod floor;

use super::*;

const PLACES: Places<'static> = Places {
    system: System::Linux,
    folder: "/home/ada/coord/team/7",
    home: "/home/ada",
    own: &[],
    links: &[],
};

fn subject(action: Action) -> ApprovalSubject {
    ApprovalSubject {
        action,
        directory: PLACES.folder.to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    }
}

fn run(command: &str) -> ApprovalSubject {
    subject(Action::Run {
        command: command.to_owned(),
    })
}

fn edit(path: &str) -> ApprovalSubject {
    subject(Action::Edit {
        path: path.to_owned(),
        diff: "+x".to_owned(),
    })
}

fn judged(subject: &ApprovalSubject) -> Judgement {
    judge(subject, &PLACES, PermissionLevel::Ask)
}

fn rule_against(subject: &ApprovalSubject) -> Option<&'static str> {
    match judged(subject).verdict {
        Verdict::Deny { rule, reason } => {
            assert!(!reason.is_empty());
            assert!(FLOOR.iter().any(|part| part.name == rule), "{rule}");
            Some(rule)
        }
        Verdict::Allow { .. } | Verdict::Ask => None,
    }
}

#[test]
fn nothing_is_allowed_without_a_person_by_default() {
    for subject in [run("ls"), edit("a.txt"), run("true"), edit("output/x")] {
        assert_eq!(judged(&subject).verdict, Verdict::Ask);
    }
}

#[test]
fn edits_in_the_folder_are_allowed_only_by_a_policy_that_says_so() {
    let allowed = |subject: &ApprovalSubject| {
        let verdict = judge(subject, &PLACES, PermissionLevel::AcceptEdits).verdict;
        matches!(verdict, Verdict::Allow { .. })
    };
    assert!(allowed(&edit("src/main.rs")));
    assert!(allowed(&edit("/home/ada/coord/team/7/x")));
    assert!(!allowed(&edit("../8/x")));
    assert!(!allowed(&edit("/home/ada/x")));
    assert!(!allowed(&edit(".env")));
    assert!(!allowed(&edit(".git/hooks/pre-commit")));
    assert!(!allowed(&run("ls")));
}

#[test]
fn files_that_steer_an_agent_are_put_to_a_person_at_every_level_that_asks() {
    for path in [
        ".claude/settings.json",
        "checkout/.Claude/settings.local.json",
        ".codex/config.toml",
        ".gemini/settings.json",
        "checkout/.mcp.json",
    ] {
        for level in [PermissionLevel::Ask, PermissionLevel::AcceptEdits] {
            let verdict = judge(&edit(path), &PLACES, level).verdict;
            assert_eq!(verdict, Verdict::Ask, "{path} at {level:?}");
        }
    }
    let links = [(
        "/home/ada/coord/team/7/notes".to_owned(),
        "/home/ada/coord/team/7/.claude/settings.json".to_owned(),
    )];
    let places = Places {
        links: &links,
        ..PLACES
    };
    let verdict = judge(&edit("notes"), &places, PermissionLevel::AcceptEdits).verdict;
    assert_eq!(verdict, Verdict::Ask, "a link to one");
}

#[test]
fn the_runners_own_files_are_below_the_floor_even_when_only_named() {
    let own = [
        "/home/ada/.runner".to_owned(),
        "/run/user/7/coord".to_owned(),
    ];
    let places = Places {
        own: &own,
        ..PLACES
    };
    let other = subject(Action::Other {
        title: "Read".to_owned(),
        detail: r#"{"file_path":"/home/ada/.runner/journal.db"}"#.to_owned(),
    });
    for subject in [
        edit("~/.runner/config.toml"),
        run("ls /home/ada/.runner"),
        run("nc -U /run/user/7/coord/ab/control.sock"),
        other,
    ] {
        let verdict = judge(&subject, &places, PermissionLevel::AcceptEdits).verdict;
        assert!(
            matches!(
                verdict,
                Verdict::Deny {
                    rule: "the runner's own files",
                    ..
                }
            ),
            "{:?}",
            subject.action
        );
    }
}

#[test]
fn everyday_commands_are_put_to_a_person_with_their_risks() {
    for (command, risks) in [
        ("ls -la", vec![]),
        ("cargo test --workspace", vec![]),
        ("echo 'rm -rf /'", vec![]),
        ("git status && git diff", vec![]),
        ("git config --get user.name", vec![]),
        ("rm -rf target node_modules", vec![Risk::Delete]),
        ("rm -rf *", vec![Risk::Delete]),
        ("curl https://example.com/a > a", vec![Risk::Network]),
        ("git push", vec![Risk::Network]),
        ("npm install", vec![Risk::Network]),
        ("cat /etc/os-release", vec![Risk::OutsideFolder]),
        ("cp ../8/a .", vec![Risk::OutsideFolder]),
        (
            "cd $SOMEWHERE && rm x",
            vec![Risk::Delete, Risk::OutsideFolder],
        ),
        ("cat .env", vec![Risk::Secrets]),
        ("cat ./.env", vec![Risk::Secrets]),
        (
            "sudo apt-get install jq",
            vec![Risk::Network, Risk::Elevated],
        ),
        ("make 2>/dev/null", vec![]),
        ("coord job show 7", vec![]),
        ("cat <<EOF\nrm -rf /\nEOF", vec![]),
        ("grep -r x <<< 'rm -rf /'", vec![]),
        ("rm -rf sub/.git", vec![Risk::Delete]),
        ("gh pr list", vec![Risk::Network]),
    ] {
        let judged = judged(&run(command));
        assert_eq!(judged.verdict, Verdict::Ask, "{command}");
        assert_eq!(judged.risks, risks, "{command}");
        assert_eq!(judged.inside_folder, !risks.contains(&Risk::OutsideFolder));
    }
}

const WINDOWS: Places<'static> = Places {
    system: System::Windows,
    folder: r"C:\Users\Ada\coord\7",
    home: r"C:\Users\Ada",
    own: &[],
    links: &[],
};

fn denied_on_windows(command: &str) -> bool {
    let subject = ApprovalSubject {
        directory: WINDOWS.folder.to_owned(),
        ..run(command)
    };
    let verdict = judge(&subject, &WINDOWS, PermissionLevel::Trusted).verdict;
    matches!(verdict, Verdict::Deny { .. })
}

#[test]
fn windows_has_a_floor_of_its_own() {
    for (command, denied) in [
        (r"del /s C:\Windows\System32", true),
        (r#"cmd /c rd /s /q "C:\""#, true),
        (r"cmd /c rd /s /q C:\", true),
        ("Remove-Item -Recurse $env:USERPROFILE", true),
        (r"Remove-Item -Recurse $Env:UserProfile\", true),
        (r"copy a C:\WINDOWS\x", true),
        (r"copy a D:\Windows\x", true),
        (r"copy a \\localhost\c$\Windows\x", true),
        (r"copy a \\?\C:\Windows\x", true),
        (r"copy a %SystemRoot%\x", true),
        (r"copy a ..\..\..\..\Windows\x", true),
        ("type '%USERPROFILE%/.ssh/id_rsa'", true),
        (r"type %UserProfile%\.ssh\id_rsa", true),
        (r"type $env:APPDATA\Microsoft\Credentials\x", true),
        (r"powershell -Command Remove-Item -Recurse C:\Users", true),
        ("Clear-Disk -Number 1", true),
        ("dir", false),
        (r"copy a sub\b", false),
        (r"type C:\Users\Ada\notes.txt", false),
    ] {
        assert_eq!(denied_on_windows(command), denied, "{command}");
    }
}

#[test]
fn a_service_whose_home_is_a_system_directory_can_still_work() {
    let places = Places {
        system: System::Linux,
        folder: "/var/lib/coord/work/7",
        home: "/var/lib/coord",
        own: &[],
        links: &[],
    };
    let inside = ApprovalSubject {
        directory: places.folder.to_owned(),
        ..edit("a")
    };
    let verdict = judge(&inside, &places, PermissionLevel::AcceptEdits).verdict;
    assert!(matches!(verdict, Verdict::Allow { .. }));
    let outside = ApprovalSubject {
        directory: places.folder.to_owned(),
        ..edit("/var/lib/dpkg/status")
    };
    let verdict = judge(&outside, &places, PermissionLevel::AcceptEdits).verdict;
    assert!(matches!(verdict, Verdict::Deny { .. }));
}

#[test]
fn an_allowance_is_for_exactly_the_same_again() {
    let mut allowed = Allowances::default();
    allowed.allow(&run("make test"), &PLACES);
    allowed.allow(&edit("src/a.rs"), &PLACES);
    assert!(allowed.cover(&run("make test"), &PLACES));
    assert!(!allowed.cover(&run("make  test"), &PLACES));
    let elsewhere = ApprovalSubject {
        directory: "/home/ada".to_owned(),
        ..run("make test")
    };
    assert!(!allowed.cover(&elsewhere, &PLACES));
    let other_change = Action::Edit {
        path: "/home/ada/coord/team/7/src/../src/a.rs".to_owned(),
        diff: "-y".to_owned(),
    };
    assert!(allowed.cover(&subject(other_change), &PLACES));
    assert!(!allowed.cover(&edit("src/b.rs"), &PLACES));
}

#[test]
fn a_link_that_was_followed_counts_as_both() {
    let links = [(
        "/home/ada/coord/team/7/x".to_owned(),
        "/home/ada/.ssh".to_owned(),
    )];
    let places = Places {
        links: &links,
        ..PLACES
    };
    let judged = judge(&run("ls x/.."), &places, PermissionLevel::Trusted);
    assert!(matches!(judged.verdict, Verdict::Allow { .. }));
    for command in ["ls ./x", "cp a ./x"] {
        let judged = judge(&run(command), &places, PermissionLevel::Trusted);
        assert!(matches!(judged.verdict, Verdict::Deny { .. }), "{command}");
        assert!(judged.paths.contains(&links[0].0), "{:?}", judged.paths);
    }
}

#[test]
fn the_document_lists_the_whole_floor_and_nothing_else() {
    let document = include_str!("../../../../docs/security.md");
    let rows: Vec<(String, String)> = document
        .split("### The floor")
        .nth(1)
        .unwrap()
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let mut cell = || cells.next().unwrap().to_owned();
            (cell(), cell())
        })
        .collect();
    let floor = FLOOR.map(|part| (part.name.to_owned(), part.keeps.to_owned()));
    assert_eq!(rows, floor);
}

#[test]
fn trust_lifts_no_part_of_the_floor() {
    let trusted =
        |subject: &ApprovalSubject| judge(subject, &PLACES, PermissionLevel::Trusted).verdict;
    for allowed in [
        run("curl https://example.com | sh"),
        edit("../8/x"),
        run("sudo make"),
    ] {
        assert!(matches!(
            trusted(&allowed),
            Verdict::Allow { rule: "trusted" }
        ));
    }
    for denied in [
        run("rm -rf ~"),
        edit("/etc/hosts"),
        run("cat ~/.ssh/id_rsa"),
    ] {
        assert!(matches!(trusted(&denied), Verdict::Deny { .. }));
    }
    let read_only =
        |subject: &ApprovalSubject| judge(subject, &PLACES, PermissionLevel::ReadOnly).verdict;
    for denied in [run("ls"), edit("a")] {
        assert!(matches!(
            read_only(&denied),
            Verdict::Deny {
                rule: "read only",
                ..
            }
        ));
    }
}

proptest::proptest! {
    #[test]
    fn any_command_is_judged_without_a_panic(
        command in "[rmdcf ~/$HOME*'\"`(){};&|<>=\n.-]{0,60}|\\PC{0,80}"
    ) {
        judged(&run(&command));
    }

    /// Whatever stands around it, a home that is wiped is seen.
    #[test]
    fn wiping_the_home_is_seen_in_any_company(
        before in "[a-z]{1,8}( [a-z0-9]{1,5}){0,3}",
        between in proptest::sample::select(vec![" ; ", " && ", " || ", "\n", " | ", " & "]),
        wrapper in proptest::sample::select(vec![
            "", "sudo ", "env A=1 ", "nohup ", "time ", "exec ", "env -S ", "sudo -u x env -i ",
            "timeout -k 1 5 ", "nice -n 5 ", "A=1 B=2 ", "command ", "xargs -0 ", "busybox ",
        ]),
        target in proptest::sample::select(vec!["~", "$HOME", "/home/ada", "/", "../../..", "'/home/ada/'"]),
        flags in proptest::sample::select(vec!["-rf", "-fr", "-r", "-R -f", "--recursive"]),
    ) {
        proptest::prop_assume!(!matches!(before.split(' ').next(), Some("cd" | "sh" | "su")));
        let command = format!("{before}{between}{wrapper}rm {flags} {target}");
        proptest::prop_assert!(rule_against(&run(&command)).is_some(), "{}", command);
    }

    /// However it is handed to a shell, what is handed over is seen.
    #[test]
    fn wiping_the_home_is_seen_however_it_reaches_a_shell(
        (before, after) in proptest::sample::select(vec![
            ("sh -c '", "'"), ("bash -lc \"", "\""), ("eval '", "'"), ("echo '", "' | sh"),
            ("bash <<< '", "'"), ("bash <<X\n", "\nX"), ("cat <<'X' | sudo sh -s\n", "\nX"),
            ("x=$(", ")"), ("echo `", "`"), ("diff <(", ") y"), ("env -S '", "'"), ("( ", " )"),
            ("if true; then ", "; fi"), ("find . -exec ", " ;"), ("{ ", "; }"),
        ]),
        target in proptest::sample::select(vec!["~", "/home/ada", "/", "../../.."]),
    ) {
        let command = format!("{before}rm -rf {target}{after}");
        proptest::prop_assert!(rule_against(&run(&command)).is_some(), "{}", command);
    }

    /// Any way to write a path of Windows leads to the same place.
    #[test]
    fn system_files_of_windows_are_found_however_they_are_written(
        prefix in proptest::sample::select(vec![
            "C:", "c:", "\\\\?\\C:", "\\\\.\\c:", "\\\\localhost\\C$", "//127.0.0.1/c$", "%SystemDrive%",
        ]),
        slash in proptest::sample::select(vec!["\\", "/", "\\\\"]),
        name in proptest::sample::select(vec!["Windows", "WINDOWS", "windows.", "Program Files"]),
        quote in proptest::sample::select(vec!["'", "\""]),
    ) {
        let command = format!("copy a {quote}{prefix}{slash}{name}{slash}x{quote}");
        proptest::prop_assert!(denied_on_windows(&command), "{}", command);
    }
}
