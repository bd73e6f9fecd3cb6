import Common
import NIOHTTP1
import TestSupport

@testable import Simulator

/// Stands for the service that Twilio calls: takes every webhook down, and answers as it is told to.
struct FakeService: Sendable {
    struct Webhook: Sendable {
        let target: String
        let headers: HTTPHeaders
        let body: [UInt8]

        var form: FormBody { FormBody(parsing: body) ?? FormBody() }

        /// Why the signature is not right for the address that Twilio knows; nil when it is.
        func refusal(secret: String = RunningSimulator.token) -> SignatureRefusal? {
            guard let form = FormParameters(parsing: body) else { return .wrongToken }
            return SignatureValidator(secrets: [Secret(secret)]).refusal(
                signature: headers.first(name: SignatureValidator.header),
                urls: [SignedURL(RunningSimulator.publicBase + target)], body: .form(form))
        }
    }

    let port: Int
    let server: HTTPServer
    private let received: Locked<[Webhook]>
    private let answers: Locked<[Int]>

    init() throws {
        let (received, answers) = (Locked<[Webhook]>([]), Locked<[Int]>([]))
        (self.received, self.answers) = (received, answers)
        port = try freePort()
        var configuration = HTTPServerConfiguration(port: port)
        configuration.host = "127.0.0.1"
        var router = Router()
        router.onAsync(.POST, "/*") { request in
            received.withLock {
                $0.append(Webhook(target: request.target, headers: request.headers, body: request.bytes))
            }
            let status = answers.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
            return .text("<Response/>", status: HTTPResponseStatus(statusCode: status), type: "text/xml")
        }
        server = HTTPServer(configuration: configuration, router: router, logger: quietLogger())
    }

    /// What has come so far.
    var webhooks: [Webhook] { received.withLock { $0 } }

    /// The statuses of the status callbacks that have come so far.
    var told: [String] { webhooks.compactMap { $0.form["MessageStatus"] } }

    /// Answers the next webhooks with these statuses, those after them with 200.
    func answer(_ statuses: Int...) { answers.withLock { $0 = statuses } }

    /// Waits for that many webhooks.
    func webhooks(_ count: Int) async throws -> [Webhook] {
        try await until("\(count) webhooks have come") { webhooks.count >= count }
        return webhooks
    }
}
