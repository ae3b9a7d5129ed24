//! Lists of jobs.

use protocol::{
    agent::AgentName,
    api::{JobList, JobSummary, PersonRef},
    ids::WorkspaceId,
    job::JobState,
};

use crate::{
    JobFilter, Result, Store,
    engine::{Row, Statement, sql},
};

/// Most jobs on one page.
const PAGE_JOBS_MAX: u32 = 200;

impl Store {
    /// Jobs of a workspace, newest first.
    pub async fn jobs(&self, workspace_id: WorkspaceId, filter: JobFilter) -> Result<JobList> {
        let limit = filter.limit.clamp(1, PAGE_JOBS_MAX);
        let states = state_list(&filter.states);
        let search = filter.search.as_deref().map(str::trim);
        let search = search.filter(|text| !text.is_empty());
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT j.id, j.number, j.title, j.state, j.priority, j.agent, j.created_by,
                        j.created_at, j.updated_at,
                        a.name AS creator_name, a.email AS creator_email,
                        t.agent AS agent_at_work, r.name AS runner_name,
                        (SELECT COUNT(*) FROM approvals p
                         WHERE p.attempt_id = t.id AND p.state = 'waiting' AND t.stage = 'held'
                           AND NOT EXISTS (SELECT 1 FROM approval_answers x
                                           WHERE x.approval_id = p.id)) AS approvals_waiting,
                        (SELECT COUNT(*) FROM questions q
                         WHERE q.attempt_id = t.id AND q.state = 'waiting' AND t.stage = 'held'
                           AND NOT EXISTS (SELECT 1 FROM question_answers x
                                           WHERE x.question_id = q.id)) AS questions_waiting
                 FROM (
                     SELECT * FROM jobs j
                     WHERE j.workspace_id = $1
                       AND ($2 = '' OR $2 LIKE '%,' || j.state || ',%')
                       AND ($3 IS NULL OR LOWER(j.title) LIKE $3 ESCAPE '!'
                            OR CAST(j.number AS TEXT) = $4)
                       AND ($5 IS NULL OR j.number < (SELECT b.number FROM jobs b WHERE b.id = $5))
                     ORDER BY j.number DESC LIMIT $6 OFFSET $7) j
                 JOIN accounts a ON a.id = j.created_by
                 LEFT JOIN attempts t ON t.id = (
                     SELECT n.id FROM attempts n
                     WHERE n.job_id = j.id AND n.number IS NOT NULL
                     ORDER BY n.fence DESC LIMIT 1)
                 LEFT JOIN runners r ON r.id = t.runner_id
                 ORDER BY j.number DESC",
                workspace_id,
                states.as_str(),
                search.map(pattern),
                search.map(number),
                filter.before,
                limit + 1,
                filter.offset.unwrap_or_default()
            ))
            .await?;
        let more = rows.len() > limit as usize;
        let jobs = rows
            .iter()
            .take(limit as usize)
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let next = jobs.last().filter(|_| more).map(|job| job.id);
        // Counting costs more than a page does, and only who asks for a place in the whole wants to know.
        let total = if filter.offset.is_some() {
            conn.one(counting(workspace_id, states, search))
                .await?
                .map(|row| row.count("total"))
                .transpose()?
        } else {
            None
        };
        Ok(JobList { jobs, next, total })
    }
}

/// Counts the jobs of all pages.
fn counting(workspace_id: WorkspaceId, states: String, search: Option<&str>) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM jobs j
         WHERE j.workspace_id = $1
           AND ($2 = '' OR $2 LIKE '%,' || j.state || ',%')
           AND ($3 IS NULL OR LOWER(j.title) LIKE $3 ESCAPE '!'
                OR CAST(j.number AS TEXT) = $4)",
        workspace_id,
        states,
        search.map(pattern),
        search.map(number)
    )
}

/// The number of a job, as a person may write it.
fn number(text: &str) -> &str {
    text.trim_start_matches('#')
}

fn read(row: &Row) -> Result<JobSummary> {
    let wished = row.text_option("agent")?;
    let at_work = row.text_option("agent_at_work")?;
    Ok(JobSummary {
        id: row.parsed("id")?,
        number: row.count("number")?,
        title: row.text("title")?,
        state: row.parsed("state")?,
        priority: row.priority("priority")?,
        agent: at_work.or(wished).map(AgentName),
        runner: row.text_option("runner_name")?,
        needs_you: row.small("approvals_waiting")? + row.small("questions_waiting")?,
        created_by: PersonRef {
            id: row.parsed("created_by")?,
            name: row.text("creator_name")?,
            email: row.text("creator_email")?,
        },
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// `,ready,done,` for a search within; empty when every state is wanted.
fn state_list(states: &[JobState]) -> String {
    let mut list = String::new();
    for state in states {
        list.push(',');
        list.push_str(state.as_str());
    }
    if !list.is_empty() {
        list.push(',');
    }
    list
}

/// The pattern that finds `text` anywhere, its own wildcards taken literally.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(pattern("50% A_b!"), "%50!% a!_b!!%");
    }

    #[test]
    fn states_are_listed_between_commas() {
        assert_eq!(state_list(&[]), "");
        assert_eq!(
            state_list(&[JobState::Ready, JobState::InProgress]),
            ",ready,in_progress,"
        );
    }
}
