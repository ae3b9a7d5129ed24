//! Ids as types, so that one kind can never be passed for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id! {
    /// A person's account.
    AccountId;
    /// A team's isolated environment.
    WorkspaceId;
    /// A machine's registration under an account.
    RunnerId;
    /// A piece of work.
    JobId;
    /// One round of work on a job.
    AttemptId;
    /// A file handed back by an attempt.
    ArtifactId;
    /// A file given to a job as context.
    AttachmentId;
    /// One request for permission.
    ApprovalId;
    /// One question of an agent to a person.
    QuestionId;
    /// Something that the coordinator asks a runner to do.
    OrderId;
    /// One start of a runner's service.
    BootId;
    /// One data directory of a runner; survives signing in again.
    InstallationId;
    /// One request, for finding it again in logs.
    RequestId;
    /// A signed-in browser.
    SessionId;
    /// A signed-in device: a command line or a runner.
    GrantId;
    /// An invitation to a workspace.
    InvitationId;
    /// A token for scripts.
    ApiTokenId;
    /// A one-time token that signs in a machine without a screen.
    SetupTokenId;
    /// One line of the audit log.
    AuditId;
    /// Something that a person is told in the app.
    NotificationId;
    /// A rule by which a machine's owner allows something always.
    RuleId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = JobId(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<JobId>().unwrap(), id);
        assert!("not-an-id".parse::<JobId>().is_err());
    }
}
