import Common
import Testing

@Suite struct TracerTests {
    /// What a tracer has recorded.
    final class Recorded: Sendable {
        private let list = Locked<[(span: Span, end: Timestamp)]>([])
        var spans: [(span: Span, end: Timestamp)] { list.withLock { $0 } }
        func add(_ span: Span, _ end: Timestamp) { list.withLock { $0.append((span, end)) } }
    }

    private func tracer(_ ratio: Double) -> (Tracer, Recorded) {
        let recorded = Recorded()
        return (Tracer(ratio: ratio) { recorded.add($0, $1) }, recorded)
    }

    private func caller(sampled: Bool) throws -> TraceParent {
        try #require(TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\(sampled ? 1 : 0)"))
    }

    @Test(arguments: [(0.0, 0...0), (1.0, 10_000...10_000), (0.25, 2200...2800), (-1, 0...0), (7, 10_000...10_000)])
    func soManyOfOurOwnTracesAreRecorded(ratio: Double, expected: ClosedRange<Int>) {
        let (tracer, _) = tracer(ratio)
        let begun = (0..<10_000).compactMap { _ in tracer.begin(.webhook, .server, from: nil) }
        #expect(expected.contains(begun.count), "\(begun.count)")
        #expect(begun.allSatisfy { $0.context.isSampled && $0.context.isRandom && $0.parent == nil })
        #expect(Set(begun.map(\.context)).count == begun.count)
    }

    /// Who calls decides, whatever the ratio.
    @Test func theCallerDecides() throws {
        let (never, _) = tracer(0)
        let (always, _) = tracer(1)
        let sampled = try caller(sampled: true)
        let span = try #require(never.begin(.webhook, .server, from: sampled))
        #expect(span.context.traceID == sampled.traceID && span.parent == sampled.spanID)
        #expect(span.context.spanID != sampled.spanID && span.context.isSampled)
        #expect(always.begin(.webhook, .server, from: try caller(sampled: false)) == nil)
        #expect(always.child(.handle, .consumer, of: nil) == nil, "a child of nothing begins no trace")
        #expect(Tracer.off.begin(.webhook, .server, from: sampled) == nil && !Tracer.off.isOn)
        #expect(Tracer.off.child(.handle, .consumer, of: sampled) == nil)
    }

    @Test func aSpanIsTheTasksOwnAndItsChildrensParent() async throws {
        let (tracer, recorded) = tracer(0)
        let caller = try caller(sampled: true)
        await tracer.span(.handle, .consumer, of: caller) { outer in
            #expect(LogContext.trace == outer?.context && outer?.parent == caller.spanID)
            let id = outer?.context.spanID
            await tracer.span(.commit, .client) { inner in
                inner?.set(.database, "postgresql")
                #expect(inner?.parent == id && LogContext.trace == inner?.context)
            }
            #expect(LogContext.trace == outer?.context)
        }
        #expect(LogContext.trace == nil)
        #expect(recorded.spans.map(\.span.name) == [.commit, .handle])
        #expect(recorded.spans.allSatisfy { $0.end >= $0.span.start && $0.span.failure == nil })
        #expect(recorded.spans[0].span.start >= recorded.spans[1].span.start)
        #expect(recorded.spans[0].end <= recorded.spans[1].end)
    }

    /// What is not recorded here is passed on all the same.
    @Test func aTraceThatIsNotRecordedIsTheTasksToo() async throws {
        for (tracer, sampled) in [(Tracer.off, true), (tracer(1).0, false)] {
            let caller = try caller(sampled: sampled)
            await tracer.span(.handle, .consumer, of: caller) { span in
                #expect(span == nil && LogContext.trace == caller)
                await tracer.span(.commit, .client) { #expect($0 == nil && LogContext.trace == caller) }
            }
        }
    }

    @Test func whatIsThrownIsTheSpansFailure() async throws {
        struct Broken: Error, CustomStringConvertible {
            var description: String { String(repeating: "no luck ", count: 100) }
        }
        let (tracer, recorded) = tracer(0)
        let caller = try caller(sampled: true)
        await #expect(throws: Broken.self) {
            try await tracer.span(.commit, .client, of: caller) { _ throws(Broken) in throw Broken() }
        }
        let span = try #require(recorded.spans.first?.span)
        #expect(span.failure?.hasPrefix("no luck ") == true && span.failure?.count == 200)
        #expect(span.attributes.contains { $0 == (.errorType, .text("Broken")) })
    }

    @Test func aSpanMayHaveBegunBefore() throws {
        let (tracer, recorded) = tracer(0)
        let start = Timestamp.now - .seconds(3)
        let span = tracer.child(.claim, .consumer, of: try caller(sampled: true), at: start)
        tracer.end(span)
        let ended = try #require(recorded.spans.first)
        #expect(ended.span.start == start && ended.end - start >= .seconds(3) && ended.end - start < .seconds(60))
        // A clock that is behind the sender's makes no negative time.
        tracer.end(tracer.child(.claim, .consumer, of: try caller(sampled: true), at: .now + .seconds(60)))
        let late = recorded.spans[1]
        #expect(late.end == late.span.start)
    }
}
