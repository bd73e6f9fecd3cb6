/// How one migration stands: in the folder, in the database, or both.
package struct MigrationStatus: Hashable, Sendable {
    package enum State: String, Sendable {
        case applied, pending
        /// Applied, and the file is another one since.
        case changed
        /// Applied, and there is no file.
        case unknown
    }

    package let version: Int
    package let name: String
    package let state: State
    package let appliedAt: Timestamp?

    package init(version: Int, name: String, state: State, appliedAt: Timestamp?) {
        self.version = version
        self.name = name
        self.state = state
        self.appliedAt = appliedAt
    }
}

/// What a run tells of itself while it goes on.
package enum MigrationProgress: Sendable {
    /// Another run holds the lock; how long we have waited, and who holds it, as far as is known.
    case waitingForLock(Duration, holder: String?)
    /// A later release has applied these, of which there are no files here; nothing is to be done about it.
    case ofLaterRelease([String])
    case applying(Migration)
    case applied(Migration, Duration)
    case reverting(Migration)
    case reverted(Migration, Duration)
}
