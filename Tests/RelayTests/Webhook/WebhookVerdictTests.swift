import Common
import Testing

@testable import Relay

/// What an answer means, for every status there is.
@Suite struct WebhookVerdictTests {
    private enum Kind: Hashable { case taken, refused, unavailable, gone }

    private func kind(_ verdict: WebhookVerdict) -> Kind {
        switch verdict {
        case .taken: .taken
        case .refused: .refused
        case .unavailable: .unavailable
        case .gone: .gone
        }
    }

    @Test(arguments: -1...1000) func everyStatusHasItsMeaning(status: Int) {
        let expected: Kind =
            switch status {
            case 200...299: .taken
            case 410: .gone
            case 408, 425, 429, 502, 503, 504: .unavailable
            case 400...599: .refused
            default: .unavailable
            }
        #expect(kind(WebhookVerdict(status: status)) == expected)
    }

    @Test(arguments: [408, 425, 429, 502, 503, 504]) func aWishToBeLeftAloneIsHeard(status: Int) {
        guard case .unavailable(let reason, .seconds(7)?) = WebhookVerdict(status: status, retryAfter: "7") else {
            Issue.record("\(status) is no wait")
            return
        }
        #expect(reason.contains("\(status)"))
        guard case .unavailable(_, nil) = WebhookVerdict(status: status, retryAfter: "soon") else {
            Issue.record("\(status) with nonsense is a wait")
            return
        }
    }

    @Test func aRefusalIsTriedAgainAndSaysTheStatus() {
        guard case .refused(let refusal) = WebhookVerdict(status: 422) else {
            Issue.record("422 is no refusal")
            return
        }
        #expect(refusal.status == 422 && !refusal.isFinal && refusal.description.contains("422"))
    }

    /// No answer is about all events; none of the words can hold the address.
    @Test(arguments: [
        HTTPError.Code.invalidRequest, .overloaded, .nameNotResolved, .couldNotConnect, .addressRefused, .tlsFailed,
        .timedOut, .connectionLost, .sendFailed, .responseTooLarge, .cancelled,
    ])
    func noAnswerStopsTheSink(code: HTTPError.Code) {
        for isNotSent in [true, false] {
            let verdict = WebhookVerdict(HTTPError(code, isProvablyNotSent: isNotSent, reason: "why"))
            guard case .unavailable(let reason, nil) = verdict else {
                Issue.record("\(code) is not the sink's")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func labelsAreFew() {
        let labels = Set((-1...1000).map { WebhookVerdict.label(status: $0) })
        #expect(labels == ["1xx", "2xx", "3xx", "4xx", "5xx", "other"])
    }
}
