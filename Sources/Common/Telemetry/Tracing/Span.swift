/// What is being done, in a trace that is recorded: name, time, attributes, and how it went.
///
/// A value: it is shown to nobody until `Tracer.end` takes it. Where nothing is recorded there is none, so that what
/// concerns spans is optional everywhere and costs nothing then.
package struct Span: Sendable {
    /// What is recorded of a message's way; docs/tracing.md draws the tree.
    package enum Name: String, Sendable, CaseIterable {
        case webhook, claim, handle, commit, send, publish
    }

    /// Whose side of a conversation it is; raw values are OTLP's.
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    package let name: Name
    package let kind: Kind
    /// Trace, own id and flags: what a child or another process is told.
    package let context: TraceParent
    package let parent: SpanID?
    package let start: Timestamp
    package private(set) var attributes: [(SpanAttribute, SpanValue)] = []
    /// What went wrong, in words without anything that came from outside; nil when nothing did.
    package private(set) var failure: String?
    private let clock = ContinuousClock.now
    private let began: Timestamp

    /// Begins a span; `start` may lie in the past.
    package init(
        _ name: Name, _ kind: Kind, context: TraceParent, parent: SpanID?, start: Timestamp? = nil
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        began = .now
        self.start = start ?? began
    }

    /// The end, when it is now: the wall clock's time of the beginning and what has passed since, so that a clock that
    /// is set meanwhile makes no span last too long.
    package var now: Timestamp { max(start, began + (.now - clock)) }

    /// The longest description of a failure.
    private static let failureLimit = 200

    package mutating func set(_ attribute: SpanAttribute, _ value: SpanValue) { attributes.append((attribute, value)) }

    /// Marks it as failed; `type` is a word of a small set (a status, an error's code).
    package mutating func fail(_ type: String, _ description: String = "") {
        set(.errorType, .text(type))
        failure = String(description.prefix(Self.failureLimit))
    }
}

/// The value of an attribute.
package enum SpanValue: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case number(Int)

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .number(value) }
}
