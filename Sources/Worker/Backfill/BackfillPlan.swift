package import Common

/// Which of the listed messages are to be pushed, in which order, and how far the list counts as read.
///
/// Pure: times and what is known are given.
package struct BackfillPlan: Hashable, Sendable {
    /// Messages from here on are looked at.
    package var since: Timestamp
    /// Messages up to here: later ones are still on their way by webhook.
    package var until: Timestamp
    /// Our own addresses, as the provider writes them.
    package var addresses: Set<String>

    package init(since: Timestamp, until: Timestamp, addresses: Set<String>) {
        self.since = since
        self.until = until
        self.addresses = addresses
    }

    /// The window of a worker's round: from a little before the watermark to a little before now.
    package init(watermark: Timestamp, now: Timestamp, addresses: Set<String>, limits: BackfillLimits) {
        var since = watermark - limits.overlap
        if let oldest = limits.oldest { since = max(since, now - oldest) }
        self.init(since: since, until: now - limits.delay, addresses: addresses)
    }

    /// What is known of a message beside what the list says.
    package enum Knowledge: Hashable, Sendable {
        /// Nothing: neither Postgres nor the queue has seen it.
        case none
        /// `inbound_messages` has it.
        case stored
        /// `dead_letters` has it: an operator's to decide about.
        case dead
        /// Its sender was told to slow down, and was told so in the chat.
        case refused
        /// The queue has it, or has just had it.
        case queued
        /// This reader has pushed it before.
        case pushed
    }

    /// What is to be done about a message.
    package enum Fate: Hashable, Sendable {
        /// Not to us, or from us.
        case foreign
        /// Before the window.
        case past
        /// After the window.
        case young
        /// Done with, one way or the other.
        case settled
        /// In the queue, and not done with yet.
        case waiting
        /// To be pushed.
        case missing
    }

    package func fate(of message: ListedMessage, _ knowledge: Knowledge = .none) -> Fate {
        guard message.isInbound, addresses.contains(message.to) else { return .foreign }
        guard message.listed > since else { return .past }
        guard message.listed <= until else { return .young }
        return switch knowledge {
        case .none: .missing
        case .stored, .dead, .refused: .settled
        case .queued, .pushed: .waiting
        }
    }

    /// Oldest first, and within a second the other way round than listed; each message once.
    package static func order(_ newestFirst: [ListedMessage]) -> [ListedMessage] {
        var seen: Set<MessageSID> = []
        let oldestFirst = newestFirst.reversed().filter { seen.insert($0.sid).inserted }
        // Swift's sort is stable.
        return oldestFirst.sorted { $0.created < $1.created }
    }

    /// Up to when the list counts as read.
    ///
    /// That is the newest message that was listed, but never one that is not done with yet: what waits in a Redis
    /// that is lost must be found again. `oldestOpen` is the oldest of those.
    package func watermark(newest: Timestamp?, oldestOpen: Timestamp?, limits: BackfillLimits) -> Timestamp {
        let reached = max(newest ?? since, until - limits.quiet)
        guard let oldestOpen, oldestOpen > until - limits.hold else { return min(reached, until) }
        return min(reached, until, oldestOpen - .seconds(1))
    }
}

extension ListedMessage {
    /// When it can have appeared in the list.
    package var listed: Timestamp { max(created, sent) }
}
