package import Common

/// One reading of the provider's list: finds what is missing and pushes it.
package struct BackfillRound: Sendable {
    private let listing: MessageListing
    private let stored: StoredMessages
    private let queue: BackfillQueue
    private let isDry: Bool
    private let limits: BackfillLimits
    private let progress: @Sendable (Progress) -> Void

    /// In a dry run nothing is pushed.
    package init(
        listing: MessageListing, stored: StoredMessages, queue: BackfillQueue, limits: BackfillLimits,
        isDry: Bool = false,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.listing = listing
        self.stored = stored
        self.queue = queue
        self.limits = limits
        self.isDry = isDry
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
        /// Under which it was pushed.
        package var correlationID: CorrelationID?
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
                if isDry { isComplete = true }
            }
        }
        return summary
    }

    /// The missing messages of a day, newest first, and whether these are all.
    private func look(
        _ day: Day, _ plan: BackfillPlan, _ pushed: PushedMessages, _ budget: inout MessageListing.Budget,
        _ summary: inout Summary
    ) async throws(BackfillError) -> (missing: [Missing], areAll: Bool) {
        var missing: [Missing] = []
        var areAll = true
        var counted = Summary()
        for address in plan.addresses.sorted() {
            try await listing.walk(to: address, day: day, since: plan.since, &budget) { page throws(BackfillError) in
                let known = try await knowledge(of: page.messages, plan, pushed)
                counted.unreadable += page.unreadable
                for message in page.messages {
                    let (knowledge, sender) = known[message.sid] ?? (.none, message.from.text)
                    guard queue.serves(sender) else { continue }
                    switch plan.fate(of: message, knowledge) {
                    case .foreign, .past: continue
                    case .young: counted.young += knowledge == .none ? 1 : 0
                    case .settled: counted.note(message, isOpen: false)
                    case .waiting:
                        counted.note(message, isOpen: true)
                        counted.waiting += 1
                    case .missing:
                        counted.note(message, isOpen: true)
                        missing.append(Missing(message: message, sender: sender))
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

    /// What is known of a page's messages, and whose queues they belong into.
    ///
    /// Those of the window that Postgres does not know are asked the queue for.
    private func knowledge(
        of messages: [ListedMessage], _ plan: BackfillPlan, _ pushed: PushedMessages
    ) async throws(BackfillError) -> [MessageSID: (BackfillPlan.Knowledge, sender: String)] {
        let stored = try await stored.known(messages.map(\.sid.text))
        let candidates = messages.filter { stored[$0.sid.text] == nil && plan.fate(of: $0) == .missing }
        let senders = try await self.stored.senders(of: Set(candidates.map(\.from.text)))
        func sender(_ message: ListedMessage) -> String { senders[message.from.text] ?? message.from.text }
        let remembered = try await queue.remembered(candidates.map { ($0.sid, sender($0)) })
        var known: [MessageSID: (BackfillPlan.Knowledge, sender: String)] = [:]
        for message in messages {
            let knowledge =
                stored[message.sid.text] ?? remembered[message.sid] ?? (pushed.contains(message.sid) ? .pushed : .none)
            known[message.sid] = (knowledge, sender(message))
        }
        return known
    }

    private func push(
        _ newestFirst: [Missing], _ day: Day, _ budget: MessageListing.Budget, _ wanted: Set<String>,
        _ pushed: PushedMessages, _ summary: inout Summary
    ) async throws(BackfillError) {
        let senders = Dictionary(newestFirst.map { ($0.message.sid, $0.sender) }, uniquingKeysWith: { $1 })
        for message in BackfillPlan.order(newestFirst.map(\.message)) {
            let sender = senders[message.sid] ?? message.from.text
            guard wanted.isEmpty || wanted.contains(sender) || wanted.contains(message.from.text) else { continue }
            summary.found += 1
            let correlationID = CorrelationID()
            if summary.missing.count < limits.batch {
                summary.missing.append(
                    Missing(message: message, sender: sender, correlationID: isDry ? nil : correlationID))
            }
            if isDry { continue }
            guard !Task.isCancelled else { throw .unavailable("the process is stopping") }
            let media = try await listing.media(of: message, until: budget.deadline)
            FaultPoint.beforeBackfillPush.reached()
            try await queue.push(
                WebhookForm.envelope(of: message, media: media, sender: sender, correlationID: correlationID))
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
