package import Common

/// One reading of the provider's list: finds what is missing and pushes it.
package struct BackfillRound: Sendable {
    private let listing: MessageListing
    private let stored: StoredMessages
    private let queue: BackfillQueue?
    private let limits: BackfillLimits
    private let progress: @Sendable (Progress) -> Void

    /// Without a `queue` nothing is pushed: a dry run.
    package init(
        listing: MessageListing, stored: StoredMessages, queue: BackfillQueue?, limits: BackfillLimits,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.listing = listing
        self.stored = stored
        self.queue = queue
        self.limits = limits
        self.progress = progress
    }

    /// How far a round is.
    package struct Progress: Sendable {
        package var day: String
        package var listed: Int
        package var pushed: Int
    }

    /// A message that was, or in a dry run would be, pushed.
    package struct Missing: Hashable, Sendable {
        package var message: ListedMessage
        /// Whose queue it goes into.
        package var sender: String
    }

    /// What a round came to.
    package struct Summary: Sendable {
        /// Messages of the window that the provider listed.
        package var listed = 0
        package var pushed = 0
        /// Unknown to Postgres, and in the queue.
        package var waiting = 0
        /// Unknown to Postgres, and too young to be called missing.
        package var young = 0
        package var unreadable = 0
        /// How many are missing.
        package var found = 0
        /// The missing ones, oldest first; no more than `BackfillLimits.batch` of them.
        package var missing: [Missing] = []
        package var newest: Timestamp?
        package var oldestOpen: Timestamp?
    }

    /// Reads the window day by day, oldest first, and pushes what is missing, oldest first.
    ///
    /// What was pushed is noted in `pushed` at once. With `senders` only theirs are: addresses as `From` shows them or
    /// as queues are named. Throws when the list cannot be read to its end or the queue does
    /// not take a message; what was pushed until then stays pushed.
    package func run(
        _ plan: BackfillPlan, _ pushed: PushedMessages, only senders: Set<String> = []
    ) async throws(BackfillError) -> Summary {
        var budget = MessageListing.Budget(limits)
        var summary = Summary()
        for day in Day.all(from: plan.since, to: plan.until + limits.delay) {
            var isComplete = false
            while !isComplete {
                let (found, all) = try await look(day, plan, pushed, &budget, &summary)
                isComplete = all
                try await push(found, day, budget, senders, pushed, &summary)
                // A dry run would find the same ones again.
                if queue == nil { isComplete = true }
            }
        }
        return summary
    }

    /// The missing messages of a day, newest first, and whether these are all.
    private func look(
        _ day: Day, _ plan: BackfillPlan, _ pushed: PushedMessages, _ budget: inout MessageListing.Budget,
        _ summary: inout Summary
    ) async throws(BackfillError) -> (missing: [ListedMessage], areAll: Bool) {
        var missing: [ListedMessage] = []
        var areAll = true
        var counted = Summary()
        for address in plan.addresses.sorted() {
            try await listing.walk(to: address, day: day, since: plan.since, &budget) { page throws(BackfillError) in
                let known = try await stored.known(page.messages.map(\.sid.text))
                counted.unreadable += page.unreadable
                for message in page.messages {
                    let knowledge =
                        known[message.sid.text] ?? (pushed.contains(message.sid) ? .pushed : .none)
                    switch plan.fate(of: message, knowledge) {
                    case .foreign, .past: continue
                    case .young: counted.young += knowledge == .none ? 1 : 0
                    case .settled: counted.note(message, isOpen: false)
                    case .waiting:
                        counted.note(message, isOpen: true)
                        counted.waiting += 1
                    case .missing:
                        counted.note(message, isOpen: true)
                        missing.append(message)
                    }
                }
                if missing.count > limits.batch {
                    missing.removeFirst(missing.count - limits.batch)
                    areAll = false
                }
                progress(Progress(day: day.text, listed: summary.listed + counted.listed, pushed: summary.pushed))
            }
        }
        summary.add(counted)
        return (missing, areAll)
    }

    private func push(
        _ newestFirst: [ListedMessage], _ day: Day, _ budget: MessageListing.Budget,
        _ wanted: Set<String>, _ pushed: PushedMessages, _ summary: inout Summary
    ) async throws(BackfillError) {
        let messages = BackfillPlan.order(newestFirst)
        guard !messages.isEmpty else { return }
        let senders = try await stored.senders(of: Set(messages.map(\.from.text)))
        for message in messages {
            let sender = senders[message.from.text] ?? message.from.text
            guard wanted.isEmpty || wanted.contains(sender) || wanted.contains(message.from.text) else { continue }
            summary.found += 1
            if summary.missing.count < limits.batch {
                summary.missing.append(Missing(message: message, sender: sender))
            }
            guard let queue else { continue }
            guard !Task.isCancelled else { throw .unavailable("the process is stopping") }
            let media = try await listing.media(of: message, until: budget.deadline)
            FaultPoint.beforeBackfillPush.reached()
            try await queue.push(WebhookForm.envelope(of: message, media: media, sender: sender))
            FaultPoint.afterBackfillPush.reached()
            pushed.insert(message.sid)
            summary.pushed += 1
            BackfillMetrics.pushed()
            if summary.pushed.isMultiple(of: 100) {
                progress(Progress(day: day.text, listed: summary.listed, pushed: summary.pushed))
            }
        }
    }
}

extension BackfillRound.Summary {
    fileprivate mutating func note(_ message: ListedMessage, isOpen: Bool) {
        listed += 1
        newest = max(newest ?? message.listed, message.listed)
        if isOpen { oldestOpen = min(oldestOpen ?? message.listed, message.listed) }
    }

    /// Adds a day's counts; a day that is read again counts what is known by then.
    fileprivate mutating func add(_ day: BackfillRound.Summary) {
        listed += day.listed
        waiting += day.waiting
        young += day.young
        unreadable += day.unreadable
        newest = [newest, day.newest].compactMap { $0 }.max()
        oldestOpen = [oldestOpen, day.oldestOpen].compactMap { $0 }.min()
    }
}
