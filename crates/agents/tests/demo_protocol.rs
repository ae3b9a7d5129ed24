//! The demo agent, driven by the protocol's own library: whatever another client
//! may expect, it finds here.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use agent_client_protocol::{
    Agent, ByteStreams, Client,
    schema::ProtocolVersion,
    v1::{
        ConnectionTo,
        schema::{
            ClientCapabilities, ContentBlock, CreateElicitationRequest, CreateElicitationResponse,
            InitializeRequest, LoadSessionRequest, NewSessionRequest, PromptRequest,
            RequestPermissionRequest, RequestPermissionResponse, SessionNotification,
            SessionUpdate, SetSessionModeRequest, StopReason, TextContent,
        },
    },
};
use agents::demo::{self, Surroundings};
use serde_json::json;
use tokio_util::compat::{TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};

const INSTRUCTIONS: &str =
    "say hello\nthink deep\nwrite a.txt text\nrun echo ran\nask Which? | one | two";

#[tokio::test]
async fn another_client_understands_every_message() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (stdin, stdout) = tokio::io::split(theirs);
    let mut agent = tokio::task::JoinSet::new();
    agent.spawn(demo::serve(stdin, stdout, Surroundings::default()));
    let (reader, writer) = tokio::io::split(ours);
    let transport = ByteStreams::new(writer.compat_write(), reader.compat());
    let seen: Arc<Mutex<Vec<SessionUpdate>>> = Arc::default();
    let updates = Arc::clone(&seen);
    let cwd = folder.path().to_owned();
    Client
        .v1()
        .on_receive_notification(
            async move |notification: SessionNotification, _| {
                updates.lock().unwrap().push(notification.update);
                Ok(())
            },
            agent_client_protocol::on_receive_notification!(),
        )
        .on_receive_request(
            async move |request: RequestPermissionRequest, responder, _| {
                assert_eq!(request.options.len(), 2);
                let answer = json!({"outcome": {"outcome": "selected", "optionId": request.options[0].option_id}});
                responder.respond(serde_json::from_value::<RequestPermissionResponse>(answer).unwrap())
            },
            agent_client_protocol::on_receive_request!(),
        )
        .on_receive_request(
            async move |request: CreateElicitationRequest, responder, _| {
                assert_eq!(request.message, "Which?");
                let answer = json!({"action": "accept", "content": {"answer": "two"}});
                responder.respond(serde_json::from_value::<CreateElicitationResponse>(answer).unwrap())
            },
            agent_client_protocol::on_receive_request!(),
        )
        .connect_with(transport, async move |agent: ConnectionTo<Agent>| {
            session_of(&agent, &cwd).await
        })
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    let count =
        |fits: fn(&SessionUpdate) -> bool| seen.iter().filter(|update| fits(update)).count();
    assert_eq!(
        count(|update| matches!(update, SessionUpdate::AgentMessageChunk(_))),
        2
    );
    assert_eq!(
        count(|update| matches!(update, SessionUpdate::AgentThoughtChunk(_))),
        1
    );
    assert_eq!(
        count(|update| matches!(update, SessionUpdate::ToolCall(_))),
        2
    );
    // The command's output, and one end for each call.
    assert_eq!(
        count(|update| matches!(update, SessionUpdate::ToolCallUpdate(_))),
        3
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "text\n"
    );
}

/// A whole session, as another client would have it.
async fn session_of(agent: &ConnectionTo<Agent>, cwd: &Path) -> agent_client_protocol::Result<()> {
    let able: ClientCapabilities =
        serde_json::from_value(json!({"elicitation": {"form": {}}})).unwrap();
    let hello = InitializeRequest::new(ProtocolVersion::V1).client_capabilities(able);
    let hello = agent.send_request(hello).block_task().await?;
    assert_eq!(hello.protocol_version, ProtocolVersion::V1);
    assert!(hello.agent_capabilities.load_session);
    let session = agent
        .send_request(NewSessionRequest::new(cwd))
        .block_task()
        .await?;
    let modes = session.modes.unwrap();
    let mode = SetSessionModeRequest::new(session.session_id.clone(), modes.current_mode_id);
    agent.send_request(mode).block_task().await?;
    let words = vec![ContentBlock::Text(TextContent::new(INSTRUCTIONS))];
    let prompt = PromptRequest::new(session.session_id.clone(), words);
    let answer = agent.send_request(prompt).block_task().await?;
    assert_eq!(answer.stop_reason, StopReason::EndTurn);
    let again = LoadSessionRequest::new(session.session_id, cwd);
    agent.send_request(again).block_task().await?;
    let unknown = LoadSessionRequest::new("no-such-session", cwd);
    assert!(agent.send_request(unknown).block_task().await.is_err());
    Ok(())
}
