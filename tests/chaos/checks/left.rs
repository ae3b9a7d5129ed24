//! What the programs left behind: processes, and last words.

use std::{collections::BTreeSet, fs};

use whole::{
    processes::{self, Process},
    stage::lines,
};

use super::{Database, Violation};
use crate::field::Field;

/// The variable by which everything that an attempt started is known.
const MARK: &str = "COORD_ATTEMPT_ID";

/// Ends every machine as a person does, and looks for processes of its attempts.
pub(crate) fn nothing_is_left(field: &mut Field) -> Vec<Violation> {
    let mut violations = nobody_stayed(field);
    let Field {
        machines, stage, ..
    } = field;
    for machine in machines.iter_mut() {
        let Some(mut child) = machine.child.take() else {
            violations.push(Violation::of_all(format!("{} does not run", machine.name)));
            continue;
        };
        // It says when the service has ended, which may be never.
        let said = stage.path(&format!("{}.stop", machine.name));
        let stop = machine.coord(stage, &["stop"]).start(&said);
        let ended = processes::gone(&mut child).unwrap();
        processes::gone(&mut stop.unwrap()).unwrap();
        let what = match ended.map(|status| status.code()) {
            Some(Some(0)) => None,
            Some(code) => Some(format!("ended with {code:?}")),
            None => Some("did not end".to_owned()),
        };
        violations.extend(what.map(|what| {
            Violation::of_all(format!("{} {what} when it was told to stop", machine.name))
        }));
        let left = machine.processes("");
        violations.extend(left.iter().map(|one| still_there(&machine.name, one)));
    }
    let attempts: BTreeSet<String> = Database::open(&field.database_url).attempts();
    let marked = processes::with_variable(MARK);
    let strays = marked.iter().filter(|(_, id)| attempts.contains(id));
    violations.extend(strays.map(|(process, id)| Violation {
        job: None,
        attempt: Some(id.clone()),
        what: format!(
            "its process {} is still there: {}",
            process.id, process.command
        ),
    }));
    violations
}

/// Everything that was told to end has ended.
pub(crate) fn nobody_stayed(field: &Field) -> Vec<Violation> {
    let coordinators = field.coordinators.iter();
    let coordinators = coordinators.filter(|one| one.stayed).map(|one| &one.name);
    let machines = field.machines.iter().filter(|one| one.stayed);
    coordinators
        .chain(machines.map(|one| &one.name))
        .map(|name| Violation::of_all(format!("{name} did not end when it was told to")))
        .collect()
}

fn still_there(machine: &str, process: &Process) -> Violation {
    Violation::of_all(format!(
        "a process of {machine} is still there: {} {}",
        process.id, process.command
    ))
}

/// No program died of a mistake of its own.
pub(crate) fn nothing_panicked(field: &Field) -> Vec<Violation> {
    let entries = fs::read_dir(field.stage.path("")).into_iter().flatten();
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    let records = field.machines.iter().map(|one| one.data().join("attempts"));
    for folder in records.filter_map(|folder| fs::read_dir(folder).ok()) {
        files.extend(
            folder
                .flatten()
                .map(|entry| entry.path().join("worker.log")),
        );
    }
    let mut violations = Vec::new();
    for path in files {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("err" | "out" | "log")) {
            continue;
        }
        let panics = lines(&path)
            .into_iter()
            .filter(|line| line.contains("panicked at"));
        violations.extend(panics.map(|line| {
            let line: String = line.chars().take(300).collect();
            Violation::of_all(format!("{}: {line}", path.display()))
        }));
    }
    violations
}
