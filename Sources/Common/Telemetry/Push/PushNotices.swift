/// Which outcomes of pushing are worth a log line: the first failure, then one a minute, then the recovery.
package struct PushNotices: Hashable, Sendable {
    package enum Notice: Hashable, Sendable {
        /// So many failures that were not told since the last notice are told with it.
        case failing(untold: Int)
        case recovered
    }

    package static let pause = Duration.seconds(60)

    private var lastFailure: ContinuousClock.Instant?
    private var untold = 0
    private var isFailing = false

    package init() {}

    package mutating func notice(succeeded: Bool, at now: ContinuousClock.Instant) -> Notice? {
        if succeeded {
            defer { isFailing = false }
            return isFailing ? .recovered : nil
        }
        if let lastFailure, now - lastFailure < Self.pause {
            untold += 1
            return nil
        }
        defer { (lastFailure, untold, isFailing) = (now, 0, true) }
        return .failing(untold: untold)
    }
}
