//! The agent's session: on the disk before it is used, and taken up again after it broke off.

use std::io;

use agents::{driver::SessionPlan, prompt::JobPrompt};
use protocol::runner::{Assignment, PermissionLevel};

use super::Drive;
use crate::{
    disk,
    folder::JobFolder,
    worker::plan::{self, AgentSession},
};

impl Drive {
    /// Begins with the session of an earlier attempt that broke off on this machine, where there is one.
    pub(crate) fn take_over(&mut self, earlier: Option<AgentSession>) {
        if let Some(AgentSession {
            session: Some(session),
            begun_at,
            used,
            ..
        }) = earlier
        {
            if let Some(used) = used {
                self.usage.carry_over(&session, used);
            }
            self.begun_at = begun_at;
            self.launch.session = SessionPlan::Resume { session, begun_at };
        }
        self.prompt();
    }

    /// Makes the next try go on where the last one broke off, where the agent can.
    pub(super) fn take_up_again(&mut self) {
        self.launch.session = match (self.session.clone(), &self.launch.session) {
            (Some(session), _) => SessionPlan::Resume {
                session,
                begun_at: self.begun_at,
            },
            // It broke off before it said anything; the earlier session is still there.
            (None, resume @ SessionPlan::Resume { .. }) => resume.clone(),
            // The id may have been used already, although no session stands.
            (None, SessionPlan::New { .. }) => SessionPlan::New {
                id: uuid::Uuid::now_v7(),
            },
        };
        self.prompt();
    }

    fn prompt(&mut self) {
        let resumed = matches!(self.launch.session, SessionPlan::Resume { .. });
        let notes = std::mem::take(&mut self.notes);
        let told = Told {
            resumed,
            level: self.launch.level,
            notes: &notes,
        };
        self.launch.prompt = prompt(&self.assignment, &self.job, told);
    }

    /// The session that this try takes up again.
    pub(super) fn wished_session(&self) -> Option<String> {
        match &self.launch.session {
            SessionPlan::Resume { session, .. } => Some(session.clone()),
            SessionPlan::New { .. } => None,
        }
    }

    /// Writes down what is known of the session; what is left out stays as it was written.
    ///
    /// Where there is no room it waits, as everything else of the record does.
    pub(super) fn keep_session(
        &mut self,
        version: Option<String>,
        process: Option<process::Identity>,
    ) -> io::Result<()> {
        let (version_before, process_before) = self.waiting.session.take().unwrap_or_default();
        let (version, process) = (version.or(version_before), process.or(process_before));
        let written = self.write_session(version.clone(), process);
        if written.as_ref().is_err_and(disk::is_full) {
            self.waiting.session = Some((version, process));
            return Ok(());
        }
        written
    }

    fn write_session(
        &self,
        version: Option<String>,
        process: Option<process::Identity>,
    ) -> io::Result<()> {
        let path = self.folder.session();
        let session = self.session.clone().unwrap_or(match &self.launch.session {
            SessionPlan::Resume { session, .. } => session.clone(),
            SessionPlan::New { id } => id.to_string(),
        });
        let known: AgentSession = plan::read_for_now(&path)?.unwrap_or_default();
        let used = self.usage.session(&session).cloned();
        let now = AgentSession {
            process: process.or(known.process),
            agent: Some(self.agent.name()),
            version: version.or(known.version),
            job_folder: Some(self.job.path().to_owned()),
            begun_at: self.begun_at.or(known.begun_at),
            used: used.or_else(|| {
                known
                    .used
                    .filter(|_| known.session.as_ref() == Some(&session))
            }),
            session: Some(session),
        };
        plan::write(&path, &now)
    }
}

/// What differs from try to try.
#[derive(Clone, Copy)]
struct Told<'a> {
    resumed: bool,
    level: PermissionLevel,
    notes: &'a [String],
}

/// What the agent is told at the beginning of a try.
fn prompt(assignment: &Assignment, job: &JobFolder, told: Told<'_>) -> String {
    let inputs: Vec<String> = assignment
        .inputs
        .iter()
        .map(|input| input.name.clone())
        .collect();
    let (inputs_folder, output_folder) = (job.inputs(), job.output());
    agents::prompt::for_job(&JobPrompt {
        title: &assignment.title,
        instructions: &assignment.instructions,
        inputs: &inputs,
        inputs_folder: inputs_folder.to_str(),
        output_folder: output_folder.to_str(),
        house_rules: assignment.house_rules.as_deref(),
        earlier: &assignment.earlier,
        level: told.level,
        notes: told.notes,
        resumed: told.resumed,
    })
}
