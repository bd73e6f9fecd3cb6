import Common

/// Adds events to a Redis stream, each once: the stream and the mark of how far it got change in one step.
struct RedisStreamSink: Sink {
    let redis: any RedisService
    let keys: OutboxStreamKeys
    /// What CloudEvents calls the source: this service's name.
    let source: String
    /// How long a call may take; a third of a lease at most.
    let limit: Duration
    /// All calls are made at once, each within its limit.
    let isPrompt = true
    private let functions: RedisFunctionLibrary
    private let spans: PublishSpans

    init(
        redis: any RedisService, keys: OutboxStreamKeys, source: String, limit: Duration, tracer: Tracer = .off
    ) {
        spans = PublishSpans(tracer: tracer, system: "redis", destination: keys.stream)
        self.redis = redis
        self.keys = keys
        self.source = source
        self.limit = limit
        functions = RedisFunctionLibrary(
            redis: redis,
            source: RedisFunctionSource(
                PackageResources.wa_outbox_v1_lua, revisionFunction: "wa_outbox_revision"), limit: limit)
    }

    /// Adds batches, in one round trip; what was answered before a failure counts.
    ///
    /// A parked batch does not touch the marks, which count what follows the cursor.
    func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport {
        let start = Timestamp.now
        let parked = batches.filter { $0.source == .parked }
        var report = await addOnce(batches.filter { $0.source == .log }, of: log)
        for batch in parked where report.failure == nil && window.isOpen { await add(batch, to: &report) }
        spans.record(batches, report, since: start)
        return report
    }

    private func addOnce(_ batches: [ShardBatch], of log: UUID) async -> SinkReport {
        let streamKeys = [keys.stream, keys.marks(of: log)]
        let replies = await functions.call("wa_outbox_add_v1", batches.map { (streamKeys, arguments(of: $0)) })
        var report = SinkReport()
        for (batch, reply) in zip(batches, replies) {
            do throws(RedisError) {
                report.answers[batch.held.shard] = try Self.answer(try reply.get())
            } catch {
                report.failure = SinkError(error)
            }
        }
        return report
    }

    /// Adds events as they are: twice, when an answer is lost.
    private func add(_ batch: ShardBatch, to report: inout SinkReport) async {
        var taken: Set<Int64> = []
        do throws(RedisError) {
            let replies = try await redis.send(batch.events.map(command(adding:)), within: limit)
            for (event, reply) in zip(batch.events, replies) {
                if case .error(let text) = reply {
                    report.failure = SinkError(.unavailable, "redis: \(text)")
                    break
                }
                taken.insert(event.sequence)
            }
        } catch {
            report.failure = SinkError(error)
        }
        report.answers[batch.held.shard] = .partly(taken: taken, refused: [:])
    }

    func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]? {
        let values = try await fields(of: log, shards.map { .integer($0) })
        return Dictionary(uniqueKeysWithValues: zip(shards, values.map { $0.flatMap { Int64($0) } ?? 0 }))
    }

    /// The function writes them beside the marks, each with the mark it belongs to.
    func markedEvents(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: String] {
        let names = shards.flatMap { [RedisArgument.integer($0), .text("\($0):id")] }
        let values = try await fields(of: log, names)
        var events: [Int: String] = [:]
        for (index, shard) in shards.enumerated() {
            guard let mark = values[2 * index], let known = values[2 * index + 1],
                known.hasPrefix(mark + " ")
            else { continue }
            events[shard] = String(known.dropFirst(mark.count + 1))
        }
        return events
    }

    private func fields(of log: UUID, _ names: [RedisArgument]) async throws(SinkError) -> [String?] {
        do throws(RedisError) {
            let command = RedisCommand("HMGET", [.text(keys.marks(of: log))] + names)
            let values = try await redis.send(command, within: limit).array ?? []
            guard values.count == names.count else {
                throw RedisError(.unexpectedReply, "HMGET answered \(values.count) of \(names.count) fields")
            }
            return values.map(\.string)
        } catch {
            throw SinkError(error)
        }
    }

    private func arguments(of batch: ShardBatch) -> [RedisArgument] {
        var arguments: [RedisArgument] = [
            .integer(batch.held.shard), .text(String(batch.held.cursor)), .text(source),
        ]
        arguments.reserveCapacity(3 + 8 * batch.events.count)
        for event in batch.events {
            arguments.append(.integer(Int(event.sequence)))
            arguments.append(.text(event.id))
            arguments.append(.text(event.type))
            arguments.append(.integer(event.version))
            arguments.append(.text(event.orderingKey))
            arguments.append(.text(event.occurredAt.rfc3339))
            arguments.append(.text(event.payload))
            arguments.append(.text(event.traceparent ?? ""))
        }
        return arguments
    }

    /// The same fields as `wa_outbox_add_v1` writes, and that it is a replay when it is one.
    private func command(adding event: LoggedEvent) -> RedisCommand {
        var arguments: [RedisArgument] = [
            .text(keys.stream), "*", "id", .text(event.id), "type", .text(event.type), "version",
            .integer(event.version), "source", .text(source), "subject", .text(event.orderingKey), "time",
            .text(event.occurredAt.rfc3339), "seq", .text(String(event.sequence)), "data", .text(event.payload),
        ]
        if let traceparent = event.traceparent { arguments += ["traceparent", .text(traceparent)] }
        if event.isReplay { arguments += ["replay", "true"] }
        return RedisCommand("XADD", arguments)
    }

    private static func answer(_ reply: RedisValue) throws(RedisError) -> SinkAnswer {
        guard let parts = reply.array, parts.count == 3, let verdict = parts[0].string, let count = parts[2].int else {
            throw RedisError(.unexpectedReply, "wa_outbox_add_v1 answered something else than it should")
        }
        return verdict == "added" ? .taken(count: count) : .outOfStep
    }
}
