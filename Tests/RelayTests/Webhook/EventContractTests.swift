import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

/// docs/events against what is published, by other people's implementations of CloudEvents, JSON Schema and signatures.
@Suite struct EventContractTests {
    @Test(.timeLimit(.minutes(2))) func everyTypeIsDescribedAndNoOther() async throws {
        let types = OutboxEventType.allCases.map(\.rawValue)
        #expect(try await PythonProgram.checkEvents(["documents"] + types) == "\(types.count) types are described")
        await #expect(throws: HarnessError.self) {
            try await PythonProgram.checkEvents(["documents"] + types + ["user.new"])
        }
        await #expect(throws: HarnessError.self) {
            try await PythonProgram.checkEvents(["documents"] + types.dropLast())
        }
    }

    /// Events of every type through the built relay, as the stream has them and as they are posted.
    @Test(.timeLimit(.minutes(2))) func whatIsPublishedIsAsDescribed() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                let user = UUID.timeOrdered()
                let events = OutboxEventType.allCases.flatMap { EventSamples.events(of: $0, user: user) }
                for event in events { _ = try await fixture.database.unit([event.appendStatement()]) }
                try await fixture.withWebhookRelay(to: receiver) { _ in
                    try await fixture.untilAllIsPublished()
                    try await until("all are posted") { receiver.deliveries.count == events.count }
                }
                let types = OutboxEventType.allCases.map(\.rawValue).sorted().joined(separator: " ")
                let entries = try await fixture.published().map { JSONValue(fields: $0.fields).text }
                #expect(
                    try await PythonProgram.checkEvents(["stream"], lines: entries)
                        == "\(events.count) events: \(types)")
                for secret in [RelayFixture.webhookSecret, RelayFixture.previousSecret] {
                    let lines = receiver.deliveries.map { $0.line(secret: secret) }
                    #expect(
                        try await PythonProgram.checkEvents(["webhook"], lines: lines)
                            == "\(events.count) events: \(types)")
                }
                // What is not as described is found, and a signature of another secret is.
                let lines = receiver.deliveries.prefix(1).map {
                    $0.line(secret: "whsec_" + [UInt8](repeating: 3, count: 32).base64)
                }
                await #expect(throws: HarnessError.self) {
                    try await PythonProgram.checkEvents(["webhook"], lines: lines)
                }
                await #expect(throws: HarnessError.self) {
                    let changed = entries.prefix(1).map { $0.replacing("registered_at", with: "registered_on") }
                    _ = try await PythonProgram.checkEvents(["stream"], lines: changed)
                }
            }
        }
    }
}

extension JSONValue {
    /// An object of texts.
    fileprivate init(fields: [String: String]) {
        self = .object(fields.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }
}

extension WebhookReceiver.Delivery {
    /// What check_events.py reads.
    fileprivate func line(secret: String) -> String {
        JSONValue.object([
            .init("secret", .string(secret)), .init("headers", JSONValue(fields: headers)),
            .init("body", .string(body)),
        ]).text
    }
}
