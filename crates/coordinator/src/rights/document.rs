//! `docs/rights.md` says what the tables say.
//!
//! With `COORD_WRITE_DOCS=1` the test writes the file anew instead of comparing.

use std::path::Path;

use protocol::api::{Role, TeamRole};

use super::{
    Right, includes,
    job::{self, JobAction},
    member::{self, MemberAction},
    runner::{self, Relation},
};

const HEAD: &str = "# Rights

Who may do what. These tables are made from the ones in the code (`crates/coordinator/src/rights`), and a test \
compares them; `COORD_WRITE_DOCS=1` with that test writes this file anew.

To somebody who is no member, a workspace and everything in it does not exist. What somebody sees without the \
right to change it is refused with the reason. A token for scripts never allows more than its account, and only \
what its scopes say.
";

fn mark(allowed: bool) -> &'static str {
    if allowed { "yes" } else { "–" }
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head.iter().map(|cell| (*cell).to_owned()).collect());
    text.push_str(&line(vec!["---".to_owned(); head.len()]));
    for row in rows {
        text.push_str(&line(row));
    }
    text
}

fn by_role(words: &str, allowed: impl Fn(Role) -> bool) -> Vec<String> {
    let marks = ROLES.map(|role| mark(allowed(role)).to_owned());
    [vec![words.to_owned()], marks.to_vec()].concat()
}

const ROLES: [Role; 4] = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
const HEADS: [&str; 5] = ["action", "viewer", "member", "admin", "owner"];

fn workspace() -> String {
    let rows = Right::ALL
        .iter()
        .map(|right| by_role(right.words(), |role| includes(role, *right)));
    format!(
        "\n## Workspaces\n\nEverybody may leave, but for the owner, who gives the workspace away or deletes it.\n\n{}",
        table(&HEADS, rows.collect())
    )
}

fn members() -> String {
    let others = [Role::Admin, Role::Member, Role::Viewer];
    let mut rows = Vec::new();
    for action in MemberAction::ALL {
        rows.push(by_role(action.words(), |role| {
            others
                .iter()
                .all(|member| member::allows(role, *member, false, action))
        }));
        rows.push(by_role(
            &format!("{}: the owner, or oneself", action.words()),
            |role| {
                member::allows(role, Role::Owner, false, action)
                    || member::allows(role, role, true, action)
            },
        ));
    }
    format!("\n## Members\n\n{}", table(&HEADS, rows))
}

fn jobs() -> String {
    let parts = [
        (Role::Viewer, None),
        (Role::Member, None),
        (Role::Member, Some(TeamRole::Viewer)),
        (Role::Member, Some(TeamRole::Editor)),
        (Role::Member, Some(TeamRole::Lead)),
        (Role::Admin, None),
        (Role::Owner, None),
    ];
    let rows = JobAction::ALL.map(|action| {
        let marks = parts.map(|(role, part)| mark(job::allows(role, part, action)).to_owned());
        [vec![action.words().to_owned()], marks.to_vec()].concat()
    });
    let head = [
        "action",
        "viewer",
        "member",
        "member, viewer",
        "member, editor",
        "member, lead",
        "admin",
        "owner",
    ];
    format!(
        "\n## Jobs\n\nBy the role in the workspace, and for members by their part in the job's team. Whoever submits a job leads it. A viewer of the workspace reads, whatever the job's team says.\n\n{}",
        table(&head, rows.to_vec())
    )
}

fn runners() -> String {
    let rows = runner::ACTIONS.map(|action| {
        let name = serde_json::to_value(action).unwrap();
        let mut row = vec![name.as_str().unwrap().to_owned()];
        for relation in [Relation::Own, Relation::OfOthers] {
            for role in ROLES {
                row.push(mark(runner::allows(action, relation, role)).to_owned());
            }
        }
        row
    });
    let head = [
        "action",
        "own runner: viewer",
        "member",
        "admin",
        "owner",
        "runner of others: viewer",
        "member",
        "admin",
        "owner",
    ];
    format!(
        "\n## Runners\n\nBy whose the runner is, and by the reader's role in the workspace. What concerns the \
         machine everywhere is its owner's; what concerns one workspace is for those who manage it there; sharing \
         is the owner's to give. The machine's own settings have the last word over all of this.\n\n{}",
        table(&head, rows.to_vec())
    )
}

#[test]
fn the_document_says_what_the_tables_say() {
    let text = [HEAD.to_owned(), workspace(), members(), jobs(), runners()].concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rights.md");
    if std::env::var_os("COORD_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/rights.md differs from the tables: run this test with COORD_WRITE_DOCS=1"
    );
}
