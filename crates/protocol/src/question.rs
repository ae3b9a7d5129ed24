//! Questions of agents to people, and their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{digest, ids::QuestionId, time::Timestamp};

/// One of the offered answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionOption {
    /// The answer's own text.
    pub label: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionItem {
    /// Names the item in the answer.
    pub key: String,
    /// What is asked.
    pub text: String,
    /// Offered answers; none when only free text makes sense.
    #[serde(default)]
    pub options: Vec<QuestionOption>,
    /// Whether several may be chosen.
    #[serde(default)]
    pub multiple: bool,
    /// Whether an answer of one's own is accepted.
    pub free_text: bool,
}

/// A question that an agent waits on; it may ask several things at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// Which.
    pub id: QuestionId,
    /// Digest of `items`; an answer names it.
    pub digest: String,
    /// What is asked, at least one.
    pub items: Vec<QuestionItem>,
    /// When it was asked, on the runner's clock.
    pub asked_at: Timestamp,
    /// When it counts as answered by nobody, on the runner's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Question {
    /// A question of `items`, with its digest.
    pub fn new(id: QuestionId, items: Vec<QuestionItem>, asked_at: Timestamp) -> Self {
        Self {
            id,
            digest: digest::of_json(&items),
            items,
            asked_at,
            expires_at: None,
        }
    }
}

/// The answer to one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemAnswer {
    /// The item's key.
    pub key: String,
    /// Chosen labels or free text, at least one.
    pub values: Vec<String>,
}

/// An answer to a whole question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionAnswer {
    /// The digest of what was seen; another digest is refused.
    pub digest: String,
    /// One answer an item; none at all leaves it to the agent, which decides for itself.
    pub answers: Vec<ItemAnswer>,
}

impl QuestionAnswer {
    /// Nobody wants to answer `question`: the agent decides for itself.
    pub fn declining(question: &Question) -> Self {
        Self {
            digest: question.digest.clone(),
            answers: Vec::new(),
        }
    }

    /// Whether it leaves everything to the agent.
    pub const fn declines(&self) -> bool {
        self.answers.is_empty()
    }
}
