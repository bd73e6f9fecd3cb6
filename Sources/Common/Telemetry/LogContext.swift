package import Logging

/// What every log line of a task carries without being told.
package enum LogContext {
    /// The id of the message that the task is about.
    @TaskLocal package static var correlationID: CorrelationID?
    /// The id of the conversation that the message belongs to.
    @TaskLocal package static var conversationID: UUID?
    /// Where in a trace the task is: its own span, or that of who called us when it is only passed on.
    @TaskLocal package static var trace: TraceParent?

    /// Given to swift-log once, by `ServiceProcess`.
    package static let provider = Logger.MetadataProvider {
        var metadata: Logger.Metadata = [:]
        if let correlationID { metadata["correlation_id"] = .string(correlationID.text) }
        if let conversationID { metadata["conversation_id"] = .string(conversationID.description) }
        metadata.add(trace)
        return metadata
    }
}

extension Logger.Metadata {
    /// Adds `trace_id` and `span_id`, when there is a trace.
    package mutating func add(_ trace: TraceParent?) {
        guard let trace else { return }
        self["trace_id"] = .string(trace.traceID.description)
        self["span_id"] = .string(trace.spanID.description)
    }

    /// `trace_id` and `span_id`, when there is a trace.
    package static func ofTrace(_ trace: TraceParent?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        metadata.add(trace)
        return metadata
    }
}

/// Runs `body` with `id` in each of its log lines and those of its child tasks.
package func withCorrelationID<R, Failure: Error>(
    _ id: CorrelationID, _ body: () async throws(Failure) -> R
) async throws(Failure) -> R {
    let result: Result<R, Failure> = await LogContext.$correlationID.withValue(id) {
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try result.get()
}

/// Runs `body`, which does not wait, with `id` in each of its log lines.
package func withCorrelationID<R, Failure: Error>(
    _ id: CorrelationID, _ body: () throws(Failure) -> R
) throws(Failure) -> R {
    let result: Result<R, Failure> = LogContext.$correlationID.withValue(id) {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
}

/// Runs `body` with the conversation `id` in each of its log lines and those of its child tasks.
package func withConversationID<R, Failure: Error>(
    _ id: UUID?, _ body: () async throws(Failure) -> R
) async throws(Failure) -> R {
    let result: Result<R, Failure> = await LogContext.$conversationID.withValue(id) {
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try result.get()
}
