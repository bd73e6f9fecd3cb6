/// An event in the form other services read it in: CloudEvents 1.0
/// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
///
/// Beside the specification's attributes it has extensions: `sequence` (the place in our log), `partitionkey` (events of
/// one key are delivered in order), `dataversion`, `correlationid`, `causationid`, `traceparent` and `replay`.
package struct CloudEvent: Hashable, Sendable {
    /// What consumers deduplicate by; a repetition and a replay have the same.
    package var id: String
    package var type: String
    /// This service's name.
    package var source: String
    /// The ordering key: the user's id.
    package var subject: String
    package var time: Timestamp
    package var sequence: Int64
    /// Of the payload's form; a change that breaks readers makes it one more.
    package var dataVersion: Int
    package var correlationID: String?
    package var causationID: String?
    package var traceparent: String?
    /// Whether it is delivered again because someone asked for it.
    package var isReplay: Bool
    /// A JSON object.
    package var data: String

    package init(
        id: String, type: String, source: String, subject: String, time: Timestamp, sequence: Int64, dataVersion: Int,
        correlationID: String? = nil, causationID: String? = nil, traceparent: String? = nil, isReplay: Bool = false,
        data: String
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.subject = subject
        self.time = time
        self.sequence = sequence
        self.dataVersion = dataVersion
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
        self.isReplay = isReplay
        self.data = data
    }

    package static let specificationVersion = "1.0"
    /// The media type of `structured`.
    package static let structuredType = "application/cloudevents+json"

    /// Attributes and extensions with their names, in order, those that are absent left out.
    package var attributes: [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("specversion", .string(Self.specificationVersion)), .init("id", .string(id)),
            .init("source", .string(source)), .init("type", .string(type)), .init("subject", .string(subject)),
            .init("time", .string(time.rfc3339)), .init("datacontenttype", "application/json"),
            .init("dataversion", .integer(dataVersion)), .init("sequence", .string(sequenceText)),
            .init("partitionkey", .string(subject)),
        ]
        let optional = [
            ("correlationid", correlationID), ("causationid", causationID), ("traceparent", traceparent),
        ]
        for (name, value) in optional {
            if let value { members.append(.init(name, .string(value))) }
        }
        if isReplay { members.append(.init("replay", true)) }
        return members
    }

    /// The event with its data as one JSON object in UTF-8: the structured content mode of the HTTP binding.
    package var structured: [UInt8] {
        var bytes: [UInt8] = []
        JSONValue.object(attributes).append(to: &bytes)
        bytes.removeLast()
        bytes += Array(#","data":"#.utf8) + Array(data.utf8)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// With zeros in front, as the extension demands that texts compare as the numbers do
    /// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/sequence.md).
    private var sequenceText: String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, Self.sequenceDigits - digits.utf8.count)) + digits
    }

    /// As many as `Int64.max` has.
    private static let sequenceDigits = 19
}
