import Common
import Conversation
import Logging
import NIOHTTP1

/// Fetches the files that passengers send from Twilio.
///
/// Credentials go to Twilio's API only, and only for files of our own account. It answers with the address of the file
/// on its file servers, which is asked without credentials; no other host is asked at all, so that nobody can have us
/// fetch from inside our network.
struct TicketFetcher: Sendable {
    let http: HTTPClient
    let configuration: TwilioConfiguration
    let logger: Logger

    /// For all of it: the handler of a message has 15 s.
    static let timeout = Duration.seconds(5)
    private static let mostHops = 3

    enum Fetched: Hashable, Sendable {
        case file(TicketFile)
        case problem(Conversation.Media.Problem)
    }

    /// Fetches the file; throws `TurnPause` when the handler was cancelled meanwhile.
    func fetch(_ url: String) async throws(TurnPause) -> Fetched {
        guard isOfOurAccount(url) else { return refused("not at Twilio") }
        let deadline = ContinuousClock.now + Self.timeout
        var address = url
        for hop in 0...Self.mostHops {
            var request = HTTPRequest(.GET, address)
            request.timeout = max(.milliseconds(1), deadline - .now)
            request.connectTimeout = .seconds(2)
            request.maximumResponseBytes = TicketFile.largest
            if hop == 0 {
                request.basicAuthentication = configuration.credentials
                request.carryContext()
            }
            let response: HTTPResponse
            do { response = try await http.send(request) } catch {
                switch error.code {
                case .responseTooLarge: return .problem(.tooLarge)
                case .cancelled: throw TurnPause(after: .zero)
                case .invalidRequest, .overloaded, .nameNotResolved, .couldNotConnect, .addressRefused, .tlsFailed,
                    .timedOut,
                    .connectionLost, .sendFailed:
                    return refused("\(error.code)")
                }
            }
            switch response.status {
            case 200:
                guard !response.body.isEmpty else { return refused("empty") }
                return TicketFile(response.body).map(Fetched.file) ?? .problem(.notATicket)
            case 301, 302, 303, 307, 308:
                guard let next = response.headers.first(name: "Location"), Self.isFileServer(next) else {
                    return refused("sent to another host")
                }
                address = next
            default: return refused("status \(response.status)")
            }
        }
        return refused("sent around")
    }

    private func refused(_ cause: String) -> Fetched {
        logger.warning(
            "a ticket could not be fetched: the passenger is asked to send it again", metadata: ["cause": "\(cause)"])
        return .problem(.unreachable)
    }

    /// Whether an address is that of a file of ours at Twilio's API, so that credentials may go there.
    func isOfOurAccount(_ url: String) -> Bool {
        var bases = [configuration.apiBaseURL]
        // Webhooks name this host whichever region's is called.
        if configuration.apiBaseURL.hasPrefix("https:") { bases.append("https://api.twilio.com") }
        return bases.contains { url.hasPrefix("\($0)/2010-04-01/Accounts/\(configuration.accountSID)/") }
    }

    /// Whether an address is on a server that Twilio keeps files on.
    static func isFileServer(_ url: String) -> Bool {
        let scheme = "https://"
        guard url.lowercased().hasPrefix(scheme) else { return false }
        let host = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }.lowercased()
        // Neither a user, nor a port, nor an address in numbers.
        guard host.utf8.allSatisfy({ ("a"..."z").contains(Unicode.Scalar($0)) || "0123456789.-".utf8.contains($0) })
        else { return false }
        return host.hasSuffix(".twilio.com") || host.hasSuffix(".twiliocdn.com")
            || host == "s3-external-1.amazonaws.com"
    }
}
