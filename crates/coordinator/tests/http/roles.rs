//! Every call of the API × everybody who may make it or may not × things of one's own
//! workspace and of another.
//!
//! Asserts who is answered and who is refused by one table, that a refused call changes
//! nothing, that what belongs to another workspace does not exist, and that no word of
//! one workspace is ever told to somebody of the other.

mod database;
mod table;
mod world;

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::support::{Client, TestServer, send};
use table::{Access, Row, Scope, Sent, TABLE};
use world::{CALLERS, Caller, Things, World};

/// What has to come of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Allowed,
    Refused(&'static [u16]),
}

/// Whose things a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Of the first workspace.
    Here,
    /// Of the other one.
    There,
    /// A thing of the other one, as if it belonged to the first.
    Crossed,
}

#[test]
fn every_call_of_the_document_stands_in_the_table_once_and_no_other() {
    let text = coordinator::openapi().to_json().unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            calls.push((method.to_uppercase(), path.clone()));
        }
    }
    for (method, path) in &calls {
        let rows = TABLE
            .iter()
            .filter(|row| row.method == method && row.path == path)
            .count();
        assert_eq!(rows, 1, "say in roles/table.rs who may {method} {path}");
    }
}

/// The rows whose route there is.
fn rows() -> impl Iterator<Item = &'static Row> {
    let text = coordinator::openapi().to_json().unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    TABLE.iter().filter(move |row| {
        document["paths"][row.path][row.method.to_lowercase().as_str()].is_object()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_or_changes_what_they_should_not() {
    let world = world::plant().await;
    let mut shared = TestServer::start_on(world::copy(world.data.path())).await;
    let before = database::content(shared.data.path()).await;
    let (mut wrong, mut refused, mut allowed) = (Vec::new(), 0, 0);
    for row in rows() {
        for (whose, caller) in cases(row) {
            if let Expected::Refused(statuses) = expected(row, caller, whose) {
                let made = Made::of(&world, row, caller, whose);
                let answer = made.send(&shared.url).await;
                wrong.extend(made.refused(answer, statuses));
                refused += 1;
            }
        }
    }
    let after = database::content(shared.data.path()).await;
    let changed: Vec<_> = before.symmetric_difference(&after).collect();
    if !changed.is_empty() {
        wrong.push(format!("refused calls changed {changed:#?}"));
    }

    for row in rows() {
        for (whose, caller) in cases(row) {
            if expected(row, caller, whose) == Expected::Allowed {
                let made = Made::of(&world, row, caller, whose);
                let answer = if row.method == "GET" || row.harmless {
                    made.send(&shared.url).await
                } else {
                    // What it changes must not decide about the others.
                    let mut fresh = TestServer::start_on(world::copy(world.data.path())).await;
                    let answer = made.send(&fresh.url).await;
                    fresh.stop().await;
                    answer
                };
                wrong.extend(made.allowed(answer));
                allowed += 1;
            }
        }
    }
    shared.stop().await;
    assert!(wrong.is_empty(), "{} calls: {wrong:#?}", wrong.len());
    // A table or a document that came to nothing would find nothing wrong.
    assert!(refused > 700 && allowed > 300, "{refused} and {allowed}");
}

/// Every caller with every kind of thing that the call can name.
fn cases(row: &Row) -> Vec<(Whose, Caller)> {
    let kinds: &[Whose] = match row.access {
        Access::Workspace(..) if names_two_things(row) => {
            &[Whose::Here, Whose::There, Whose::Crossed]
        }
        Access::Workspace(..) | Access::Personal(_) => &[Whose::Here, Whose::There],
        Access::Runner if row.path.contains('{') => &[Whose::Here, Whose::There],
        Access::Anybody
        | Access::SignedIn(_)
        | Access::Invited
        | Access::Runner
        | Access::Device => &[Whose::Here],
    };
    kinds
        .iter()
        .flat_map(|whose| CALLERS.map(|caller| (*whose, caller)))
        .collect()
}

/// Whether the call names a workspace or a job, and something that has to belong to it.
fn names_two_things(row: &Row) -> bool {
    let of_workspace = row.path.contains("/{workspace}/")
        && (row.named == Some(("query", "runner name"))
            || ["{id}", "{account}", "{runner}"]
                .iter()
                .any(|name| row.path.contains(name)));
    of_workspace || row.path.contains("/team/{account}")
}

/// The scope that a token has; none for everybody else.
const fn scope_of(caller: Caller) -> Option<Scope> {
    match caller {
        Caller::TokenRead => Some(Scope::Read),
        Caller::TokenJobs => Some(Scope::Jobs),
        Caller::TokenRunners => Some(Scope::Runners),
        Caller::TokenMembers => Some(Scope::Members),
        Caller::Nobody
        | Caller::Stranger
        | Caller::Viewer
        | Caller::Member
        | Caller::Lead
        | Caller::Admin
        | Caller::Owner
        | Caller::Runner => None,
    }
}

fn expected(row: &Row, caller: Caller, whose: Whose) -> Expected {
    use Expected::{Allowed, Refused};
    let (scope, person) = match row.access {
        Access::Anybody => return Allowed,
        Access::Device => return Refused(&[401, 403]),
        Access::Runner => {
            return match (caller, whose) {
                (Caller::Runner, Whose::Here) => Allowed,
                (Caller::Runner, Whose::There | Whose::Crossed) => Refused(&[404]),
                _ => Refused(&[401, 403]),
            };
        }
        Access::Invited => (Scope::Nothing, Refused(&[403])),
        Access::SignedIn(scope) => (scope, Allowed),
        Access::Personal(scope) => (scope, of_a_person(caller, whose)),
        Access::Workspace(callers, scope) => (scope, of_a_member(callers, caller, whose)),
    };
    match (caller, scope_of(caller)) {
        (Caller::Nobody, _) => Refused(&[401]),
        (Caller::Runner, _) => Refused(&[403]),
        (_, Some(held)) if held != scope => Refused(&[403]),
        _ => person,
    }
}

/// What a person, or a token of theirs with the right scope, may do with something personal.
fn of_a_person(caller: Caller, whose: Whose) -> Expected {
    let is_owner = caller == Caller::Owner || scope_of(caller).is_some();
    let theirs = match whose {
        Whose::Here => is_owner,
        Whose::There | Whose::Crossed => caller == Caller::Stranger,
    };
    if theirs {
        Expected::Allowed
    } else {
        Expected::Refused(&[404])
    }
}

/// What a person, or a token of the owner with the right scope, may do in a workspace.
fn of_a_member(callers: &[Caller], caller: Caller, whose: Whose) -> Expected {
    let part = scope_of(caller).map_or(caller, |_| Caller::Owner);
    match (part, whose) {
        // The owner of the other workspace has every right there that an owner has.
        (Caller::Stranger, Whose::There) if callers.contains(&Caller::Owner) => Expected::Allowed,
        (Caller::Stranger, Whose::There) => Expected::Refused(&[403]),
        (Caller::Stranger, Whose::Here | Whose::Crossed) | (_, Whose::There) => {
            Expected::Refused(&[404])
        }
        (_, Whose::Here) if callers.contains(&part) => Expected::Allowed,
        (_, Whose::Here) => Expected::Refused(&[403]),
        (_, Whose::Crossed) => Expected::Refused(&[403, 404]),
    }
}

/// One call, made by somebody.
struct Made<'a> {
    row: &'a Row,
    caller: Caller,
    whose: Whose,
    client: Client,
    things: Things,
    path: String,
    /// Words that must not stand in the answer.
    foreign: Vec<&'a str>,
}

impl<'a> Made<'a> {
    fn of(world: &'a World, row: &'a Row, caller: Caller, whose: Whose) -> Self {
        let things = match whose {
            Whose::Here => world.here.clone(),
            Whose::There => world.there.clone(),
            Whose::Crossed => world.here.crossed_with(&world.there),
        };
        let foreign = match caller {
            Caller::Nobody => [world.here.secrets(), world.there.secrets()].concat(),
            Caller::Stranger => world.here.secrets(),
            _ => world.there.secrets(),
        };
        Self {
            row,
            caller,
            whose,
            client: world.callers[&caller].clone(),
            path: path_of(row, &things),
            things,
            foreign,
        }
    }

    async fn send(&self, url: &str) -> (StatusCode, String) {
        let mut client = self.client.clone();
        url.clone_into(&mut client.url);
        let method = Method::from_bytes(self.row.method.as_bytes()).unwrap();
        let request = client.request(method, &self.path);
        let request = match self.row.body {
            Sent::Nothing => request,
            Sent::Bytes => request.body("x"),
            Sent::Json(body) => request.json(&body(&self.things)),
            Sent::Form(fields) => request.form(fields),
        };
        if self.row.endless {
            // What it says first has come with its head; the rest would take for ever.
            let response = request
                .timeout(Duration::from_secs(30))
                .send()
                .await
                .unwrap();
            return (response.status(), String::new());
        }
        let answer = send(request).await;
        let headers = format!("{:?}", answer.headers);
        (answer.status, format!("{headers}\n{}", answer.text))
    }

    /// What is wrong with the answer to a call that is refused.
    fn refused(&self, (status, text): (StatusCode, String), statuses: &[u16]) -> Option<String> {
        if statuses.contains(&status.as_u16()) {
            return self.told(&text);
        }
        Some(format!(
            "{self}: {status} and not one of {statuses:?}: {text}"
        ))
    }

    /// What is wrong with the answer to a call that is allowed.
    fn allowed(&self, (status, text): (StatusCode, String)) -> Option<String> {
        let allowed = match self.row.access {
            // Whatever comes of it, it is not because of who asks.
            Access::Anybody => !status.is_server_error() || status == 503,
            Access::SignedIn(_)
            | Access::Personal(_)
            | Access::Workspace(..)
            | Access::Invited
            | Access::Runner
            | Access::Device => status.is_success() || self.row.also.contains(&status.as_u16()),
        };
        if allowed {
            return self.told(&text);
        }
        Some(format!("{self}: {status}: {text}"))
    }

    /// What the answer tells of the other workspace.
    fn told(&self, text: &str) -> Option<String> {
        // Whoever has the link of an invitation may know what it is for.
        if self.path.contains("/invitations/coi_") {
            return None;
        }
        let word = self.foreign.iter().find(|word| text.contains(**word))?;
        Some(format!("{self} tells `{word}`: {text}"))
    }
}

impl std::fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            row, caller, whose, ..
        } = self;
        write!(f, "{caller:?} {} {} ({whose:?})", row.method, row.path)
    }
}

/// The address with the names of things in it: `{id}` stands for what comes before it.
fn path_of(row: &Row, things: &Things) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in row.path.split('/') {
        let named = match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            None => part.to_owned(),
            Some(name) => {
                let kind = match (name, parts.last().map(String::as_str)) {
                    ("id", Some(before)) => before.to_owned(),
                    // The number of an attempt.
                    ("number", Some("attempts")) => "1".to_owned(),
                    _ => name.to_owned(),
                };
                match row.named {
                    Some((usual, other)) if usual == kind => things.get(other).to_owned(),
                    _ if kind == "1" => kind,
                    _ => things.get(&kind).to_owned(),
                }
            }
        };
        parts.push(named);
    }
    let path = parts.join("/");
    match row.named {
        Some(("query", name)) => format!("{path}?name={}", things.get(name)),
        _ => path,
    }
}
