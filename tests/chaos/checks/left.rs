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
    let mut violations = Vec::new();
    let Field {
        machines, stage, ..
    } = field;
    for machine in machines.iter_mut() {
        let Some(mut child) = machine.child.take() else {
            violations.push(Violation::of_all(format!("{} does not run", machine.name)));
            continue;
        };
        machine.coord(stage, &["stop"]).run();
        let code = whole::until("the service's end", || child.try_wait().unwrap()).code();
        if code != Some(0) {
            violations.push(Violation::of_all(format!(
                "{} ended with {code:?} when it was told to stop",
                machine.name
            )));
        }
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
