/// Decides which traces are recorded, begins spans and gives finished ones to whoever exports them.
///
/// A trace is begun where a message comes in, and by nobody else: a child of nothing is not recorded. Whether it is
/// recorded the caller decides, if there is one (parent based); of our own traces so many in a hundred are.
package struct Tracer: Sendable {
    private struct Recording: Sendable {
        /// Trace ids whose last 63 bits are below it are recorded.
        var bound: UInt64
        var onEnd: @Sendable (Span, Timestamp) -> Void
    }

    private let recording: Recording?

    /// Records nothing.
    package static let off = Tracer(recording: nil)

    private init(recording: Recording?) { self.recording = recording }

    /// Records `ratio` of the traces that begin here, from 0 to 1, and all that callers record; `onEnd` is called
    /// from any thread and must not wait.
    package init(ratio: Double, onEnd: @escaping @Sendable (Span, Timestamp) -> Void) {
        let share = min(max(ratio, 0), 1)
        let bound = share >= 1 ? UInt64(1) << 63 : UInt64(share * Double(UInt64(1) << 63))
        recording = Recording(bound: bound, onEnd: onEnd)
    }

    package var isOn: Bool { recording != nil }

    /// Begins the span of what came in, as a child of the caller's or as a trace of its own; nil when it is not recorded.
    package func begin(
        _ name: Span.Name, _ kind: Span.Kind, from caller: TraceParent?, at start: Timestamp? = nil
    ) -> Span? {
        guard let recording else { return nil }
        if let caller { return child(name, kind, of: caller, at: start) }
        var random = SystemRandomNumberGenerator()
        let trace = TraceID.random(using: &random)
        guard trace.low >> 1 < recording.bound else { return nil }
        let context = TraceParent(
            traceID: trace, spanID: .random(using: &random), isSampled: true, isRandom: true)
        return Span(name, kind, context: context, parent: nil, start: start)
    }

    /// Begins a child; nil when there is no parent, or none that is recorded.
    package func child(
        _ name: Span.Name, _ kind: Span.Kind, of parent: TraceParent?, at start: Timestamp? = nil
    ) -> Span? {
        guard recording != nil, let parent, parent.isSampled else { return nil }
        var random = SystemRandomNumberGenerator()
        let context = TraceParent(
            traceID: parent.traceID, spanID: .random(using: &random), isSampled: true, isRandom: parent.isRandom)
        return Span(name, kind, context: context, parent: parent.spanID, start: start)
    }

    /// Ends a span, now or at a moment that is past.
    package func end(_ span: Span?, at end: Timestamp? = nil) {
        guard let recording, let span else { return }
        recording.onEnd(span, end ?? span.now)
    }

    /// Runs `body` in a span that is a child of the task's; what it throws is the span's failure.
    ///
    /// In `body` the span is the task's own: log lines name it, and calls out carry it.
    package func span<R, Failure: Error>(
        _ name: Span.Name, _ kind: Span.Kind, of parent: TraceParent? = LogContext.trace,
        _ body: (inout Span?) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        guard let begun = child(name, kind, of: parent) else {
            var none: Span?
            guard let parent, parent != LogContext.trace else { return try await body(&none) }
            // A trace that is not recorded here is passed on, and its lines name it.
            let result: Result<R, Failure> = await LogContext.$trace.withValue(parent) {
                do throws(Failure) { return .success(try await body(&none)) } catch { return .failure(error) }
            }
            return try result.get()
        }
        var span: Span? = begun
        let result: Result<R, Failure> = await LogContext.$trace.withValue(begun.context) {
            do throws(Failure) { return .success(try await body(&span)) } catch { return .failure(error) }
        }
        if case .failure(let error) = result { span?.fail("\(type(of: error))", "\(error)") }
        end(span)
        return try result.get()
    }
}
