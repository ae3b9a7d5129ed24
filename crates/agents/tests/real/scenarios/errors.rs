//! Models that do not answer as they should, and what is made of it.

use protocol::job::FailureClass;
use testkit::models::{Act, Rule};

use crate::real::{agent::RealAgent, scene::Scene};

/// How often a request may be made whose answer will never be another.
const REQUESTS_IN_VAIN_MAX: usize = 3;

async fn refuses(real: &'static dyn RealAgent, status: u16) -> (Scene, FailureClass) {
    let refuse = vec![Act::refuse_as(status)];
    let scene = Scene::new(real, vec![Rule::when_asked("hello", refuse).always()]).await;
    let (class, failure) = scene.failure().await;
    assert!(!failure.message.is_empty());
    (scene, class)
}

fn transient(class: FailureClass) -> String {
    assert_eq!(class, FailureClass::Transient);
    "transient".to_owned()
}

pub(super) async fn unauthorized(real: &'static dyn RealAgent) -> String {
    let refuse = vec![Act::refuse_as(401)];
    let scene = Scene::new(real, vec![Rule::when_asked("hello", refuse).always()]).await;
    let (class, failure) = scene.failure().await;
    assert_eq!(class, FailureClass::Auth, "{failure:?}");
    assert!(failure.hint.is_some(), "it does not say what to do");
    let requests = scene.models.requests().len();
    assert!(
        requests <= REQUESTS_IN_VAIN_MAX,
        "it asked {requests} times"
    );
    "sign-in, at once".to_owned()
}

pub(super) async fn limited(real: &'static dyn RealAgent) -> String {
    transient(refuses(real, 429).await.1)
}

pub(super) async fn unavailable(real: &'static dyn RealAgent) -> String {
    transient(refuses(real, 503).await.1)
}

pub(super) async fn overloaded(real: &'static dyn RealAgent) -> String {
    transient(refuses(real, 529).await.1)
}

pub(super) async fn refused(real: &'static dyn RealAgent) -> String {
    let scene = Scene::without_models(real).await;
    transient(scene.failure().await.0)
}

pub(super) async fn cut(real: &'static dyn RealAgent) -> String {
    let acts = vec![Act::say("Half a sen"), Act::Cut];
    let rules = vec![
        Rule::when_asked("", acts.clone()).always(),
        Rule::after_tool(acts).always(),
    ];
    let scene = Scene::new(real, rules).await;
    transient(scene.failure().await.0)
}
