import Common
import NIOHTTP1

/// The dead letters: looking at them, and closing them.
struct DeadRoutes: Sendable {
    let console: Console

    func add(to router: inout Router) {
        router.onPage("/dead", console) { try await list($0) }
        router.onPage("/dead/*", console) { visit in
            guard let id = Int64(visit.path(after: "/dead/")) else { return missing(visit) }
            return try await letter(id, visit, isRevealed: false)
        }
        router.onForm("/dead/confirm", console) { try await confirm($0) }
        router.onForm("/dead/replay", console) { try await act($0) }
        router.onForm("/dead/discard", console) { try await act($0) }
        router.onForm("/dead/*", console) { visit in
            let parts = visit.path(after: "/dead/").split(separator: "/")
            guard parts.count == 2, parts[1] == "reveal", let id = Int64(parts[0]) else { return missing(visit) }
            return try await letter(id, visit, isRevealed: true)
        }
    }

    // MARK: Looking

    private func list(_ visit: Visit) async throws -> HTTPServerResponse {
        let query = DeadQuery(visit.query)
        let letters = try await console.letters.letters(console.servers, query.filter)
        let found = try await letters.filter.newest(
            before: query.before, limit: DeadQuery.pageLength + 1, on: console.servers.postgres)
        let page = DeadPage(
            query: query, letters: Array(found.prefix(DeadQuery.pageLength)), count: letters.count,
            hasMore: found.count > DeadQuery.pageLength, reasons: try await reasons(), now: .now)
        return visit.page("Dead letters", .dead, page.html(visit.session))
    }

    private func reasons() async throws(PostgresError) -> [String] {
        let sql: SQL = "SELECT DISTINCT reason FROM dead_letters ORDER BY 1 LIMIT 50"
        var reasons: [String] = []
        for row in try await console.servers.postgres.unit(sql.named("operator_dead_reasons")).rows {
            reasons.append(try row.column(0))
        }
        return reasons
    }

    private func letter(_ id: Int64, _ visit: Visit, isRevealed: Bool) async throws -> HTTPServerResponse {
        let filter = DeadLetterFilter(ids: [id], withClosed: true)
        guard let stored = try await filter.page(after: nil, limit: 1, on: console.servers.postgres).first else {
            return missing(visit)
        }
        if isRevealed { visit.note("revealed", ["record": "dead_letter:\(id)"]) }
        let page = LetterPage(stored: stored, isRevealed: isRevealed, now: .now)
        return visit.page("Dead letter", .dead, page.html(visit.session))
    }

    private func missing(_ visit: Visit) -> HTTPServerResponse {
        let content: HTML = #"<h1>There is no such dead letter</h1><p><a href="/dead">To the dead letters</a></p>"#
        return visit.page("Not found", .dead, content, status: .notFound)
    }

    // MARK: Closing

    private func confirm(_ visit: Visit) async throws -> HTTPServerResponse {
        guard let action = DeadAction(visit.form) else { return missing(visit) }
        let (open, replayable, lastID) =
            action.ids?.isEmpty == true ? (0, 0, 0) : try await action.filter.openings(on: console.servers.postgres)
        let page = action.confirmation(open: open, replayable: replayable, lastID: lastID)
        return visit.page(page.question, .dead, page.html(visit.session))
    }

    /// Works through the letters, oldest first, for as long as a request may take, and tells how far it came.
    private func act(_ visit: Visit) async throws -> HTTPServerResponse {
        guard let action = DeadAction(visit.form), visit.request.path == "/dead/\(action.verb.rawValue)",
            action.ids?.isEmpty != true
        else { return missing(visit) }
        var filter = action.filter
        // Nothing that died after the question was asked.
        filter.lastID = visit.form["last"].flatMap { Int64($0) } ?? 0
        let letters = try await DeadLetters(console.servers, filter, copying: false)
        let deadline = ContinuousClock.now + Console.actionLimit
        // Before it is done: of a page that fails half-way nobody knows how much was.
        visit.note("deciding about dead letters", ["count": "\(letters.count)", "what": action.verb.rawValue])
        var (done, passedOver) = (0, 0)
        var failure: (any Error)?
        var last: StoredDeadLetter?
        do {
            while .now < deadline,
                case let page = try await letters.filter.page(after: last, on: console.servers.postgres), !page.isEmpty
            {
                last = page.last
                let chosen = action.verb == .replay ? page.filter { $0.obstacle == nil } : page
                switch action.verb {
                case .replay: try await letters.replay(chosen, patience: .seconds(5))
                case .discard: try await letters.discard(chosen)
                }
                done += chosen.count
                passedOver += page.count - chosen.count
            }
        } catch { failure = error }
        var details = ["count": "\(done)", "scope": action.ids == nil ? "all that match" : "selected"]
        if let ids = action.ids, ids.count <= 20 {
            details["records"] = ids.map { "dead_letter:\($0)" }.joined(separator: " ")
        }
        visit.note("\(action.verb.past) dead letters", details)
        let notice = notice(action.verb, done, of: letters.count, passedOver, failure)
        return visit.done(notice, at: action.ids?.count == 1 ? action.back : action.query.path())
    }

    private func notice(
        _ verb: DeadAction.Verb, _ done: Int, of count: Int, _ passedOver: Int, _ failure: (any Error)?
    ) -> Notice {
        var text = "\(verb == .replay ? "Replayed" : "Discarded") \(HTML.several(done, "dead letter"))."
        if passedOver > 0 { text += " \(HTML.several(passedOver, "letter")) cannot be replayed." }
        if let failure {
            return Notice(kind: .failed, text: "\(text) Then: \(ConsoleProblem(failure).text)")
        }
        let rest = count - done - passedOver
        if rest > 0 {
            return Notice(
                kind: .warning, text: "\(text) \(HTML.count(rest)) are left: it takes longer than one request; go on.")
        }
        return Notice(kind: .done, text: text)
    }
}
