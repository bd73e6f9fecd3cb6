import Common
import Testing

@testable import Relay

/// Which events of a batch become spans, and which of them failed.
@Suite struct PublishSpansTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func batch(_ traces: [String?], shard: Int = 0) -> ShardBatch {
        ShardBatch(
            held: HeldShard(shard: shard, epoch: 1, cursor: 0),
            events: traces.enumerated().map { place, trace in
                WebhookSamples.event(Int64(place + 1), key: "k", traceparent: trace)
            })
    }

    /// The spans that a report leads to: the event's id, and the type of its failure.
    private func recorded(_ batch: ShardBatch, _ report: SinkReport) -> [String: String] {
        let list = Locked<[Span]>([])
        let tracer = Tracer(ratio: 1) { span, _ in list.withLock { $0.append(span) } }
        PublishSpans(tracer: tracer, system: "redis", destination: "s").record([batch], report, since: .now)
        let spans = list.withLock { $0 }
        #expect(spans.allSatisfy { $0.name == .publish && $0.kind == .producer })
        #expect(spans.allSatisfy { $0.parent?.description == "b7ad6b7169203331" })
        func text(_ name: SpanAttribute, _ span: Span) -> String {
            guard case .text(let text)? = span.attributes.first(where: { $0.0 == name })?.1 else { return "" }
            return text
        }
        return Dictionary(uniqueKeysWithValues: spans.map { (text(.messageID, $0), text(.errorType, $0)) })
    }

    /// Of four events one is not traced, one's trace is not recorded, and one has a trace that is none.
    @Test func onlyWhatIsRecordedBecomesASpan() {
        let unsampled = Self.trace.dropLast() + "0"
        let batch = batch([Self.trace, nil, String(unsampled), "nonsense"])
        #expect(recorded(batch, SinkReport(answers: [0: .taken(count: 4)])) == ["event-1": ""])
        PublishSpans.off.record([batch], SinkReport(answers: [0: .taken(count: 4)]), since: .now)
    }

    @Test func whatBecameOfAnEventIsTold() {
        let batch = batch([Self.trace, Self.trace, Self.trace])
        let partly = SinkAnswer.partly(taken: [1], refused: [2: EventRefusal(status: 422, "no")])
        #expect(
            recorded(batch, SinkReport(answers: [0: partly])) == ["event-1": "", "event-2": "refused"],
            "the third was not tried")
        let failure = SinkError(.unavailable, "away")
        #expect(
            recorded(batch, SinkReport(answers: [0: partly], failure: failure))
                == ["event-1": "", "event-2": "refused", "event-3": "unavailable"])
        #expect(recorded(batch, SinkReport(failure: failure)).values.allSatisfy { $0 == "unavailable" })
        #expect(recorded(batch, SinkReport(answers: [0: .outOfStep])).isEmpty)
        #expect(recorded(batch, SinkReport()).isEmpty)
    }
}
