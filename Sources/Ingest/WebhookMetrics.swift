import Common
import CoreMetrics

/// Counts webhooks; each series is made once, when the process starts.
struct WebhookMetrics: Sendable {
    private let requests: [WebhookRoute: [WebhookAnswer: Counter]]
    private let failures: [SignatureRefusal: Counter]
    private let received: [Envelope.Kind: Counter]
    private let pressure: [Backpressure: Counter]
    private let duration = Timer(label: MetricName.webhookDuration.rawValue)

    init() {
        requests = Self.each { route in
            Self.each { answer in
                Counter(
                    label: MetricName.webhookRequests.rawValue,
                    dimensions: [("route", route.rawValue), ("status", "\(answer.code)")])
            }
        }
        failures = Self.each { cause in
            Counter(label: MetricName.signatureFailures.rawValue, dimensions: [("cause", cause.rawValue)])
        }
        pressure = Self.each { limit in
            Counter(label: MetricName.backpressure.rawValue, dimensions: [("reason", limit.rawValue)])
        }
        received = Self.each { kind in
            Counter(label: MetricName.messagesReceived.rawValue, dimensions: [("kind", kind.rawValue)])
        }
    }

    func answered(_ route: WebhookRoute, _ answer: WebhookAnswer, after time: Duration) {
        requests[route]?[answer]?.increment()
        if answer == .accepted { received[route.kind]?.increment() }
        duration.recordNanoseconds(time.wholeMicroseconds * 1000)
    }

    func met(_ limit: Backpressure) { pressure[limit]?.increment() }

    func refused(_ cause: SignatureRefusal) { failures[cause]?.increment() }

    private static func each<Case: CaseIterable & Hashable, Value>(_ make: (Case) -> Value) -> [Case: Value] {
        Dictionary(uniqueKeysWithValues: Case.allCases.map { ($0, make($0)) })
    }
}
