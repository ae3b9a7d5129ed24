//! The agents that are known, and which of them are on this machine.

use std::{path::PathBuf, sync::Arc};

use protocol::agent::{AgentName, AgentStatus};

use crate::{
    claude::ClaudeAgent,
    codex::CodexAgent,
    custom::{self, CustomAgent},
    demo,
    driver::{Agent, Lookout},
    gemini::GeminiAgent,
};

/// The agents that need no description; `own_program` is our own binary, which brings
/// the demo agent.
pub fn known(own_program: PathBuf) -> Vec<Arc<dyn Agent>> {
    all(own_program, &[])
}

/// All agents: built-in ones, and those that the owner described.
pub fn all(own_program: PathBuf, described: &[CustomAgent]) -> Vec<Arc<dyn Agent>> {
    let mut agents: Vec<Arc<dyn Agent>> = vec![
        Arc::new(ClaudeAgent),
        Arc::new(CodexAgent),
        Arc::new(GeminiAgent::default()),
    ];
    for agent in described {
        agents.push(Arc::new(custom::agent(agent)));
    }
    // Last, since the first that is usable gets the jobs that name none.
    agents.push(Arc::new(demo::agent(own_program)));
    agents
}

/// The agent of that name.
pub fn by_name(agents: &[Arc<dyn Agent>], name: &AgentName) -> Option<Arc<dyn Agent>> {
    agents.iter().find(|agent| agent.name() == *name).cloned()
}

/// Looks for all agents at once; each is asked as its own lookout says, which also
/// limits how long it is waited for.
pub async fn detect_all(
    agents: &[Arc<dyn Agent>],
    lookout_for: impl Fn(&AgentName) -> Lookout,
) -> Vec<AgentStatus> {
    futures::future::join_all(agents.iter().map(|agent| {
        let lookout = lookout_for(&agent.name());
        async move { agent.detect(&lookout).await }
    }))
    .await
}
