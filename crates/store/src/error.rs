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
