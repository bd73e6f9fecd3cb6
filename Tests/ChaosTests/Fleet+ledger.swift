import Common
import NIOHTTP1
import TestSupport

extension Fleet {
    /// How long the parts of the queue are, in one look; `dead` among them.
    func queueLengths() async throws -> [String: Int] {
        let script = """
            local k = '{wa:0}:'
            return {redis.call('LLEN', k .. 'in'), redis.call('LLEN', k .. 'stage'), redis.call('LLEN', k .. 'ready'),
              redis.call('ZCARD', k .. 'lease'), redis.call('ZCARD', k .. 'delay'), redis.call('HLEN', k .. 'own'),
              redis.call('LLEN', k .. 'dead')}
            """
        let numbers = try await product.redisCommand("EVAL", .init(script), "0").array?.compactMap(\.int) ?? []
        let names = ["in", "stage", "ready", "lease", "delay", "own", "dead"]
        guard numbers.count == names.count else { throw HarnessError("Redis told no lengths") }
        return Dictionary(uniqueKeysWithValues: zip(names, numbers))
    }

    /// Waits until the load is over and nothing is left to be done anywhere; gives up quietly, as the ledger will tell.
    func drain(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        var calm = 0
        while calm < 3, ContinuousClock.now < deadline {
            calm = ((try? await isDrained()) ?? false) ? calm + 1 : 0
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func isDrained() async throws -> Bool {
        let report = try await report()
        guard report.isOver else { return false }
        let lengths = try await queueLengths()
        guard lengths.allSatisfy({ $0.key == "dead" || $0.value == 0 }) else { return false }
        let open = try await sql(
            """
            SELECT (SELECT count(*) FROM outbound_messages WHERE state IN ('sending', 'unknown')),
                   (SELECT count(*) FROM inbound_messages WHERE kind = 'message' AND processed_at IS NOT NULL),
                   (SELECT count(*) FROM outbox_events)
            """)
        let streamed = try await product.redisCommand("XLEN", "whatsapp_handler.events").int
        let counts = open.first?.compactMap { Int($0) } ?? []
        // What was not accepted, or accepted and lost, is what backfill brings.
        return counts.count == 3 && counts[0] == 0 && counts[1] == report.load.sent && counts[2] == streamed
    }

    /// Everything there is to compare.
    func ledger(healed: Timestamp) async throws -> Ledger {
        var ledger = Ledger()
        ledger.healed = healed
        var request = HTTPRequest(.GET, product.url(.simulator, "/api/load/ledger"))
        request.maximumResponseBytes = 200 * 1024 * 1024
        for line in try await product.http.send(request).text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 6, words[0] == "m", let sent = time(words[3]) {
                ledger.sent.append(
                    .init(
                        sid: words[1], sender: words[2], sent: sent, ended: time(words[4]),
                        isAccepted: words[5].hasPrefix("2")))
            } else if words.count == 5, words[0] == "r", let times = Int(words[2]), let place = Int(words[3]),
                let at = time(words[4])
            {
                ledger.arrivals.append(.init(id: words[1], times: times, place: place, at: at))
            } else {
                throw HarnessError("a line of the ledger is not understood: \(line)")
            }
        }
        try await readDatabase(&ledger)
        try await readRedis(&ledger)
        return ledger
    }

    private func readDatabase(_ ledger: inout Ledger) async throws {
        let processed = try await sql(
            """
            SELECT message_sid, sequence, (extract(epoch FROM processed_at) * 1000000)::bigint
              FROM inbound_messages WHERE processed_at IS NOT NULL AND kind = 'message'
            """)
        ledger.processed = processed.map {
            .init(sid: $0[0], sequence: Int64($0[1]) ?? 0, at: time($0[2]) ?? Timestamp(microseconds: 0))
        }
        let replies = try await sql(
            "SELECT replace(id::text, '-', ''), coalesce(in_reply_to, ''), position, state FROM outbound_messages")
        ledger.replies = replies.map { .init(id: $0[0], inReplyTo: $0[1], position: Int($0[2]) ?? 0, state: $0[3]) }
        let log = try await sql(
            """
            SELECT id, ordering_key, sequence, coalesce(causation_id, '') FROM outbox_events ORDER BY shard, sequence
            """)
        ledger.log = log.map { .init(id: $0[0], key: $0[1], sequence: Int64($0[2]) ?? 0, cause: $0[3]) }
        let open = try await sql("SELECT count(*) FROM outbound_messages WHERE state IN ('sending', 'unknown')")
        ledger.queue["open replies"] = open.first?.first.flatMap { Int($0) } ?? -1
    }

    private func readRedis(_ ledger: inout Ledger) async throws {
        let lengths = try await queueLengths()
        for (name, length) in lengths where name != "dead" { ledger.queue[name] = length }
        ledger.dead = lengths["dead"] ?? 0
        let entries = try await product.redisCommand("XRANGE", "whatsapp_handler.events", "-", "+").array ?? []
        ledger.stream = entries.compactMap { entry in
            guard let parts = entry.array, parts.count == 2,
                let milliseconds = parts[0].string?.split(separator: "-").first,
                let words = parts[1].array?.map({ $0.string ?? "" })
            else { return nil }
            var fields: [String: String] = [:]
            for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
            return Ledger.Event(
                id: fields["id"] ?? "", key: fields["subject"] ?? "", sequence: Int64(fields["seq"] ?? "") ?? 0,
                at: Timestamp(microseconds: (Int64(milliseconds) ?? 0) * 1000))
        }
    }

    /// The rows of a query, in the service's own schema.
    func sql(_ text: String) async throws -> [[String]] {
        let output = try await product.postgres.psql(
            "SET search_path = whatsapp_handler; " + text, database: product.database)
        return output.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func time(_ microseconds: String) -> Timestamp? {
        Int64(microseconds).map { Timestamp(microseconds: $0) }
    }
}
