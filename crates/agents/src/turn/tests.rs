//! Turns with an agent that is only a pair of pipes, on a clock that the tests move.

use std::time::Duration;

use protocol::{
    approval::Decision,
    job::{Failure, FailureClass},
    question::ItemAnswer,
    record::ToolKind,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Patience,
    pump::{Pump, Streams},
};
use crate::{
    driver::{AgentEvent, ApprovalReply, EVENTS_WAITING_MAX, TurnEnd},
    failure, subject,
    wire::{Closed, Refusal, RequestKey, Step, Wire},
};

/// A protocol of a few words.
#[derive(Default)]
struct Words {
    tool: bool,
}

impl Wire for Words {
    fn begin(&mut self) -> Vec<Step> {
        vec![Step::Send(json!("hello"))]
    }

    fn line(&mut self, line: &str) -> Vec<Step> {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        match message["do"].as_str().unwrap_or_default() {
            "ready" => vec![Step::Ready],
            "say" => vec![Step::Emit(AgentEvent::Text(
                message["text"].as_str().unwrap().to_owned(),
            ))],
            "ask" => vec![Step::Approve {
                key: "k".to_owned(),
                subject: subject::run("/job".as_ref(), None, "true", None),
                tool_call: None,
            }],
            "withdraw" => vec![Step::Withdraw("k".to_owned())],
            "tool" => {
                self.tool = true;
                vec![Step::started("t", ToolKind::Run, "t", None)]
            }
            "done" => vec![Step::End(TurnEnd::Completed { summary: None })],
            _ => Vec::new(),
        }
    }

    fn approved(&mut self, _: &RequestKey, reply: Option<ApprovalReply>) -> Vec<Step> {
        vec![Step::Send(
            json!({"allowed": reply.map(|reply| reply.decision.allows())}),
        )]
    }

    fn answered(&mut self, _: &RequestKey, _: Option<Vec<ItemAnswer>>) -> Vec<Step> {
        Vec::new()
    }

    fn interrupt(&mut self) -> Vec<Step> {
        vec![Step::Send(json!("stop"))]
    }

    fn is_at_work(&self) -> bool {
        self.tool
    }

    fn closed(&mut self, closed: &Closed) -> Failure {
        failure::of_closed("It", closed)
    }
}

/// An agent's end of the pipes, and ours.
struct Table {
    stdin: BufReader<DuplexStream>,
    stdout: Option<DuplexStream>,
    stderr: Option<DuplexStream>,
    exit: watch::Sender<Option<std::process::ExitStatus>>,
    events: mpsc::Receiver<AgentEvent>,
    taken: Option<oneshot::Receiver<Result<(), Refusal>>>,
    interrupt: mpsc::Sender<()>,
    _task: JoinSet<()>,
}

impl Table {
    fn lay() -> Self {
        let (stdin, their_stdin) = tokio::io::duplex(1024);
        let (stdout, their_stdout) = tokio::io::duplex(1024);
        let (stderr, their_stderr) = tokio::io::duplex(1024);
        let (exit, exited) = watch::channel(None);
        let (events, received) = mpsc::channel(EVENTS_WAITING_MAX);
        let (interrupt, interrupts) = mpsc::channel(1);
        let (taken, answer) = oneshot::channel();
        let pump = Pump::new(Words::default(), events, taken, interrupts, Patience::USUAL);
        let streams = Streams {
            stdin,
            stdout,
            stderr,
            exit: exited,
        };
        let mut task = JoinSet::new();
        task.spawn(pump.run(streams, CancellationToken::new()));
        Self {
            stdin: BufReader::new(their_stdin),
            stdout: Some(their_stdout),
            stderr: Some(their_stderr),
            exit,
            events: received,
            taken: Some(answer),
            interrupt,
            _task: task,
        }
    }

    async fn ready() -> Self {
        let mut table = Self::lay();
        table.print(b"{\"do\":\"ready\"}\n").await;
        table.taken.take().unwrap().await.unwrap().unwrap();
        assert_eq!(table.told().await, "\"hello\"");
        table
    }

    async fn print(&mut self, bytes: &[u8]) {
        self.stdout
            .as_mut()
            .unwrap()
            .write_all(bytes)
            .await
            .unwrap();
    }

    /// The next line that the agent was sent.
    async fn told(&mut self) -> String {
        let mut line = String::new();
        self.stdin.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    async fn event(&mut self) -> AgentEvent {
        self.events.recv().await.unwrap()
    }

    async fn end(&mut self) -> TurnEnd {
        loop {
            if let AgentEvent::Ended(end) = self.event().await {
                assert!(self.events.recv().await.is_none(), "the end comes last");
                return end;
            }
        }
    }
}

fn class_of(end: &TurnEnd) -> FailureClass {
    match end {
        TurnEnd::Failed(failure) => failure.class,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_does_not_get_ready_is_given_up() {
    let mut table = Table::lay();
    let stderr = table.stderr.as_mut().unwrap();
    stderr.write_all(b"still loading\n").await.unwrap();
    let begun = Instant::now();
    let refusal = table.taken.take().unwrap().await.unwrap().unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 60);
    let Refusal::Failed(failure) = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(failure.class, FailureClass::Transient);
    assert_eq!(
        failure.message,
        "the agent did not get ready within 60 s: still loading"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_talks_before_it_is_ready_is_given_up_all_the_same() {
    let mut table = Table::lay();
    let begun = Instant::now();
    for _ in 0..2 * EVENTS_WAITING_MAX {
        table.print(b"{\"do\":\"say\",\"text\":\"x\"}\n").await;
    }
    let refusal = table.taken.take().unwrap().await.unwrap().unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 60);
    assert!(matches!(refusal, Refusal::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn silence_is_interrupted_and_fails() {
    let mut table = Table::ready().await;
    let begun = Instant::now();
    assert!(matches!(table.event().await, AgentEvent::Notice(_)));
    assert_eq!(begun.elapsed().as_secs(), 120);
    assert_eq!(table.told().await, "\"stop\"");
    let end = table.end().await;
    assert_eq!(class_of(&end), FailureClass::Transient);
    assert_eq!(begun.elapsed().as_secs(), 125);
}

#[tokio::test(start_paused = true)]
async fn silence_means_nothing_while_a_tool_runs_or_a_person_is_asked() {
    for reason in ["tool", "ask"] {
        let mut table = Table::ready().await;
        table
            .print(json!({"do": reason}).to_string().as_bytes())
            .await;
        table.print(b"\n").await;
        let asked = table.event().await;
        let quiet = tokio::time::timeout(Duration::from_hours(5), table.events.recv()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        drop(asked);
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_that_is_not_obeyed_ends_the_turn_all_the_same() {
    let mut table = Table::ready().await;
    table.interrupt.send(()).await.unwrap();
    assert_eq!(table.told().await, "\"stop\"");
    let begun = Instant::now();
    assert_eq!(table.end().await, TurnEnd::Interrupted);
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn noise_and_huge_lines_do_no_harm() {
    let mut table = Table::ready().await;
    table
        .print(b"\xff\xfe\x00 binary noise\nplain noise\n{broken\n\n")
        .await;
    for _ in 0..2 {
        assert!(matches!(table.event().await, AgentEvent::Notice(_)));
    }
    let text = "x".repeat(5_000_000);
    let line = format!("{}\n", json!({"do": "say", "text": text}));
    let mut received = String::new();
    let mut stdout = table.stdout.take().unwrap();
    let print = async { stdout.write_all(line.as_bytes()).await.unwrap() };
    let read = async {
        while received.len() < 5_000_000 {
            match table.events.recv().await.unwrap() {
                AgentEvent::Text(piece) => received.push_str(&piece),
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(print, read);
    assert_eq!(received, text);
    table.stdout = Some(stdout);
    let mut endless = vec![b'{'; 17 * 1024 * 1024];
    endless.extend(b"\n{\"do\":\"done\"}\n");
    let mut stdout = table.stdout.take().unwrap();
    let print = async { stdout.write_all(&endless).await.unwrap() };
    let ((), notice) = tokio::join!(print, table.events.recv());
    let AgentEvent::Notice(notice) = notice.unwrap() else {
        panic!("the line was skipped");
    };
    assert_eq!(
        notice,
        "a message of the agent was too long and was skipped (17 MB)"
    );
    assert_eq!(table.end().await, TurnEnd::Completed { summary: None });
}

#[tokio::test(start_paused = true)]
async fn nothing_of_the_last_words_is_lost_when_the_program_ends() {
    let mut table = Table::ready().await;
    table.print(b"{\"do\":\"say\",\"text\":\"bye\"}").await;
    let mut stderr = table.stderr.take().unwrap();
    stderr.write_all(b"it broke").await.unwrap();
    drop((table.stdout.take(), stderr));
    table
        .exit
        .send(Some(std::process::ExitStatus::default()))
        .unwrap();
    let mut told = Vec::new();
    let end = loop {
        match table.event().await {
            AgentEvent::Ended(end) => break end,
            AgentEvent::Text(text) | AgentEvent::Stderr(text) => told.push(text),
            other => panic!("{other:?}"),
        }
    };
    told.sort_unstable();
    assert_eq!(told, ["bye", "it broke"]);
    let TurnEnd::Failed(failure) = end else {
        panic!("{end:?}");
    };
    assert_eq!(
        failure.message,
        "It ended before its work did (exit status: 0): it broke"
    );
}

#[tokio::test(start_paused = true)]
async fn answers_reach_the_agent_and_a_dropped_one_is_none() {
    let mut table = Table::ready().await;
    for (reply, told) in [
        (Some(Decision::AllowForJob), r#"{"allowed":true}"#),
        (Some(Decision::Deny), r#"{"allowed":false}"#),
        (None, r#"{"allowed":null}"#),
    ] {
        table.print(b"{\"do\":\"ask\"}\n").await;
        let AgentEvent::ApprovalRequested { reply: answer, .. } = table.event().await else {
            panic!("it asks");
        };
        if let Some(decision) = reply {
            answer
                .send(ApprovalReply {
                    decision,
                    note: None,
                    by_person: true,
                })
                .unwrap();
        } else {
            drop(answer);
        }
        assert_eq!(table.told().await, told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_request_closes_its_reply() {
    let mut table = Table::ready().await;
    table
        .print(b"{\"do\":\"ask\"}\n{\"do\":\"withdraw\"}\n")
        .await;
    let AgentEvent::ApprovalRequested { mut reply, .. } = table.event().await else {
        panic!("it asks");
    };
    reply.closed().await;
}
