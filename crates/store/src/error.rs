//! What can go wrong between the store and its database.

/// A store operation that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("the database could not carry out the request")]
    Database(#[from] sqlx::Error),
    /// The embedded database refused.
    #[error("the database could not carry out the request")]
    Embedded(#[from] rusqlite::Error),
    /// The system gave no thread for the writes.
    #[error("no thread could be started for the database's writes")]
    Thread(#[source] std::io::Error),
    /// The database's own structure could not be brought up to date.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A value that was read is not one that this version writes.
    #[error("the database holds a value in `{column}` that cannot be read: {reason}")]
    Corrupt {
        /// Where it stands.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A text holds the character NUL, which PostgreSQL cannot keep.
    #[error("the text holds a NUL character, which cannot be stored")]
    NulInText,
    /// More writes wait than the queue holds.
    #[error("the database is overloaded; try again shortly")]
    Overloaded,
    /// The group of writes in which this one stood could not be committed.
    #[error("the database could not commit the change; nothing was kept")]
    NotCommitted,
    /// The write broke off because of a mistake in the program.
    #[error("the change broke off inside the program; nothing was kept")]
    Panicked,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The database's address is not understood.
    #[error("the database address is not understood: {0}")]
    Address(String),
}

/// What store operations return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the database could not be reached, or went away: the same may work in a moment.
    ///
    /// What was asked for may have been done all the same, if it went away over the commit.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::Tls(_)) => true,
            Self::Database(sqlx::Error::Database(cause)) => {
                cause.code().is_some_and(|code| is_sign_off(&code))
            }
            _ => false,
        }
    }
}

/// Whether a server that answers so takes no requests at the moment: it stops, it starts, or
/// it has no connection left (PostgreSQL, appendix A, classes 08, 53 and 57).
fn is_sign_off(code: &str) -> bool {
    const TOO_MANY_CONNECTIONS: &str = "53300";
    const CONNECTION: &str = "08";
    const STOPS_OR_STARTS: &str = "57P0";
    code == TOO_MANY_CONNECTIONS
        || code.starts_with(CONNECTION)
        || code.starts_with(STOPS_OR_STARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_no_mistake_of_the_request() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(Error::from(sqlx::Error::Io(lost)).is_away());
        assert!(!Error::from(sqlx::Error::RowNotFound).is_away());
        assert!(!Error::NulInText.is_away());
    }

    #[test]
    fn a_server_that_stops_or_starts_is_told_by_its_code() {
        for code in ["57P01", "57P02", "57P03", "53300", "08006"] {
            assert!(is_sign_off(code), "{code}");
        }
        for code in ["23505", "40P01", "57014", "53100"] {
            assert!(!is_sign_off(code), "{code}");
        }
    }
}
