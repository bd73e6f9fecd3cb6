import Common

/// The sessions of the console, in memory: who was logged in logs in again after a restart.
///
/// A session ends half an hour after its last request, and twelve hours after its first. It is known by a random key in
/// a cookie, of which only the hash is kept.
final class Sessions: Sendable {
    static let idleLimit = Duration.seconds(30 * 60)
    static let limit = Duration.seconds(12 * 3600)
    /// More push out the one that was used longest ago.
    static let most = 500
    /// Sought people that a session remembers.
    private static let mostSubjects = 20

    private struct Kept {
        var session: Session
        let begun: ContinuousClock.Instant
        var used: ContinuousClock.Instant
        var notice: Notice?
        var subjects: [(handle: String, words: String)] = []
    }

    private let kept = Locked<[[UInt8]: Kept]>([:])
    private let clock: @Sendable () -> ContinuousClock.Instant

    init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.clock = clock }

    /// Begins one, and gives back the key that its cookie carries.
    func begin(isLoggedIn: Bool) -> (key: String, session: Session) {
        let key = [UInt8].random(32).hex
        let session = Session(
            name: [UInt8].random(4).hex, formToken: [UInt8].random(32).hex, isLoggedIn: isLoggedIn)
        let now = clock()
        kept.withLock { kept in
            kept = kept.filter { Self.isValid($0.value, now) }
            if kept.count >= Self.most, let oldest = kept.min(by: { $0.value.used < $1.value.used })?.key {
                kept[oldest] = nil
            }
            kept[Self.hash(key)] = Kept(session: session, begun: now, used: now)
        }
        return (key, session)
    }

    /// The session with this key; nil when there is none, or its time is up.
    ///
    /// It counts as used unless `isUse` is false: a page that keeps itself up to date is no sign of a person.
    func find(_ key: String, isUse: Bool = true) -> Session? {
        let (hash, now) = (Self.hash(key), clock())
        return kept.withLock { kept in
            guard let found = kept[hash], Self.isValid(found, now) else {
                kept[hash] = nil
                return nil
            }
            if isUse { kept[hash]?.used = now }
            return found.session
        }
    }

    func end(_ session: Session) {
        kept.withLock { kept in kept = kept.filter { $0.value.session.name != session.name } }
    }

    // MARK: What a session remembers

    /// Has the next page tell `notice`.
    func tell(_ notice: Notice, to session: Session) { change(session) { $0.notice = notice } }

    /// What is to be told, once.
    func takeNotice(of session: Session) -> Notice? {
        change(session) { kept in
            defer { kept.notice = nil }
            return kept.notice
        } ?? nil
    }

    /// Remembers whom the session looks for, so that no page's address has to name them; gives back what stands for it.
    func remember(_ words: String, for session: Session) -> String {
        change(session) { kept in
            if let known = kept.subjects.first(where: { $0.words == words }) { return known.handle }
            let handle = [UInt8].random(8).hex
            kept.subjects = kept.subjects.suffix(Self.mostSubjects - 1) + [(handle, words)]
            return handle
        } ?? ""
    }

    /// What `handle` stands for in this session.
    func subject(_ handle: String, of session: Session) -> String? {
        change(session) { $0.subjects.first { $0.handle == handle }?.words } ?? nil
    }

    @discardableResult
    private func change<R>(_ session: Session, _ body: (inout Kept) -> R) -> R? {
        kept.withLock { kept in
            guard let key = kept.first(where: { $0.value.session.name == session.name })?.key else { return nil }
            return kept[key].map { found in
                var found = found
                let result = body(&found)
                kept[key] = found
                return result
            }
        }
    }

    private static func isValid(_ kept: Kept, _ now: ContinuousClock.Instant) -> Bool {
        now - kept.used < idleLimit && now - kept.begun < limit
    }

    private static func hash(_ key: String) -> [UInt8] { SHA256.digest(of: Array(key.utf8)) }
}
