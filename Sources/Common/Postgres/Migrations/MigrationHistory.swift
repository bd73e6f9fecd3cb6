/// What `schema_migrations` says was applied, against the files at hand.
struct MigrationHistory {
    struct Applied: Sendable {
        let version: Int
        let name: String
        let checksum: String
        let appliedAt: Timestamp
    }

    let migrations: [Migration]
    let applied: [Applied]

    /// All versions, in order.
    var statuses: [MigrationStatus] {
        let files = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
        let done = applied.map { row in
            let file = files[row.version]
            let isSame = file?.up.checksum == row.checksum && file?.name == row.name
            return MigrationStatus(
                version: row.version, name: row.name, state: file == nil ? .unknown : isSame ? .applied : .changed,
                appliedAt: row.appliedAt)
        }
        let pending = pending.map {
            MigrationStatus(version: $0.version, name: $0.name, state: .pending, appliedAt: nil)
        }
        return (done + pending).sorted { $0.version < $1.version }
    }

    /// Files that are not applied, in order.
    var pending: [Migration] {
        let versions = Set(applied.map(\.version))
        return migrations.filter { !versions.contains($0.version) }
    }

    /// What a later release has applied, in order: versions above all of ours.
    var later: [MigrationStatus] {
        let newest = migrations.last?.version ?? 0
        return statuses.filter { $0.state == .unknown && $0.version > newest }
    }

    /// Throws when what was applied and the files tell different stories.
    ///
    /// `isLaterFine` says whether a later release may have gone further, as after a return to the release before.
    func check(isLaterFine: Bool = false) throws(MigrationError) {
        let statuses = statuses
        let fine = Set(isLaterFine ? later.map(\.version) : [])
        let unknown = statuses.filter { $0.state == .unknown && !fine.contains($0.version) }
        if !unknown.isEmpty { throw .unknown(unknown.map { Migration.label($0.version, $0.name) }) }
        let changed = Set(statuses.filter { $0.state == .changed }.map(\.version))
        if !changed.isEmpty { throw .changed(migrations.filter { changed.contains($0.version) }.map(\.up.name)) }
        guard let last = applied.max(by: { $0.version < $1.version }) else { return }
        let late = pending.filter { $0.version < last.version }
        if !late.isEmpty { throw .late(late.map(\.up.name), applied: Migration.label(last.version, last.name)) }
    }

    /// The migrations to apply to come to `target`, the last one unless given.
    func toApply(upTo target: Int?) throws(MigrationError) -> [Migration] {
        try check(isLaterFine: true)
        if let target { try require(target) }
        return pending.filter { $0.version <= target ?? .max }
    }

    /// The migrations to revert, newest first: all above `target`, or the last `steps`.
    func toRevert(_ extent: MigrationRunner.Extent) throws(MigrationError) -> [Migration] {
        try check()
        let versions = Set(applied.map(\.version))
        let newestFirst = Array(migrations.filter { versions.contains($0.version) }.reversed())
        switch extent {
        case .steps(let steps): return Array(newestFirst.prefix(steps))
        case .downTo(let target):
            if target != 0 { try require(target) }
            return newestFirst.filter { $0.version > target }
        }
    }

    private func require(_ version: Int) throws(MigrationError) {
        guard migrations.contains(where: { $0.version == version }) else { throw .noSuchVersion(version) }
    }
}
