import Common
import Conversation
import Logging
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import Worker

/// The files that passengers send, and where they may be fetched from.
@Suite struct TicketTests {
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array("ticket".utf8)

    @Test func aFileIsWhatItsFirstBytesSay() {
        let files: [(TicketFile.Kind, [UInt8])] = [
            (.jpeg, Self.jpeg), (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]),
            (.webP, Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8)), (.pdf, Array("%PDF-1.7\n".utf8)),
        ]
        for (type, bytes) in files {
            #expect(TicketFile(bytes)?.type == type)
            #expect(TicketFile(bytes)?.sha256 == SHA256.digest(of: bytes))
            #expect(TicketFile(Array(bytes.dropFirst())) == nil)
            #expect(TicketFile(Array(bytes.prefix(2))) == nil)
        }
        for text in ["", "GIF89a", "<svg>", "RIFF1234WAVE", "MZ", "PK\u{3}\u{4}", " %PDF-1.7", "<html>%PDF-"] {
            #expect(TicketFile(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(TicketFile(Self.jpeg + [UInt8](repeating: 0, count: TicketFile.largest)) == nil)
    }

    func fetcher(_ apiURL: String, _ reactor: Reactor) throws -> TicketFetcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var values = ConfigurationValues(environment: [
            "TWILIO_ACCOUNT_SID": Product.accountSID, "TWILIO_AUTH_TOKEN": Product.authToken,
            "TWILIO_WHATSAPP_NUMBER": Product.whatsAppNumber, "TWILIO_API_BASE_URL": apiURL,
            "PUBLIC_BASE_URL": Product.publicURL,
        ])
        let configuration = TwilioConfiguration(reading: &values)
        try values.check()
        return TicketFetcher(http: HTTPClient(reactor: reactor), configuration: configuration, logger: logger)
    }

    @Test func credentialsGoToOurOwnFilesOnly() throws {
        let reactor = Reactor(name: "test")
        defer { reactor.stop() }
        let path = "/2010-04-01/Accounts/\(Product.accountSID)/Messages/MM1/Media/ME1"
        let real = try fetcher("https://api.dublin.ie1.twilio.com", reactor)
        #expect(real.isOfOurAccount("https://api.dublin.ie1.twilio.com" + path))
        #expect(real.isOfOurAccount("https://api.twilio.com" + path))
        for url in [
            "http://api.twilio.com" + path, "https://api.twilio.com.evil.example" + path,
            "https://api.twilio.com@evil.example" + path, "https://evil.example" + path,
            "https://api.twilio.com/2010-04-01/Accounts/AC11111111111111111111111111111111/Messages/MM1/Media/ME1",
            "https://api.twilio.com/", "file:///etc/passwd", "", "https://api.twilio.com:8443" + path,
        ] {
            #expect(!real.isOfOurAccount(url), "\(url)")
        }
        let development = try fetcher("http://127.0.0.1:4010", reactor)
        #expect(development.isOfOurAccount("http://127.0.0.1:4010" + path))
        #expect(!development.isOfOurAccount("https://api.twilio.com" + path))
    }

    @Test func otherServersAreTwiliosToo() {
        for url in [
            "https://mms.twiliocdn.com/AC1/x?Signature=a/b", "HTTPS://media.TWILIOCDN.com/x",
            "https://mcs.us1.twilio.com",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/x",
        ] {
            #expect(TicketFetcher.isFileServer(url), "\(url)")
        }
        for url in [
            "http://mms.twiliocdn.com/x", "https://twiliocdn.com.evil.example/x", "https://eviltwiliocdn.com/x",
            "https://evil.example/?x=.twiliocdn.com", "https://evil.example#.twiliocdn.com",
            "https://evil.example\\.twiliocdn.com/x", "https://user@mms.twiliocdn.com/x",
            "https://evil.example:443@mms.twiliocdn.com/", "https://169.254.169.254/latest", "https://[::1]/x",
            "https://bucket.s3.amazonaws.com/x", "//mms.twiliocdn.com/x", "/x", "",
        ] {
            #expect(!TicketFetcher.isFileServer(url), "\(url)")
        }
    }

    /// What each address of a server that plays Twilio's leads to.
    @Test func whatIsNotAFileIsAProblem() async throws {
        let asked = Locked<[String]>([])
        let root = "/2010-04-01/Accounts/\(Product.accountSID)/Messages/MM1/Media/"
        var router = Router()
        router.onAsync(.GET, root + "*") { request in
            let name = String(request.path.dropFirst(root.count))
            asked.withLock { $0.append(request.headers.first(name: "Authorization") == nil ? "nobody" : name) }
            switch name {
            case "ticket": return HTTPServerResponse(status: .ok, body: .bytes(Self.jpeg))
            case "page": return .text("<html>")
            case "empty": return HTTPServerResponse(status: .ok)
            case "large":
                return HTTPServerResponse(
                    status: .ok, body: .bytes(Self.jpeg + [UInt8](repeating: 0, count: TicketFile.largest)))
            case "elsewhere":
                return HTTPServerResponse(status: .temporaryRedirect, headers: ["Location": "http://127.0.0.1:1/x"])
            case "nowhere": return HTTPServerResponse(status: .temporaryRedirect)
            case _: return HTTPServerResponse(status: .notFound)
            }
        }
        let port = Locked<Int?>(nil)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(port: 0), router: router, logger: logger
        ) { bound in port.withLock { $0 = bound } }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await until("it listens") { port.withLock { $0 } != nil }
            let reactor = Reactor(name: "test")
            defer { reactor.stop() }
            let base = "http://127.0.0.1:\(port.withLock { $0 ?? 0 })"
            let fetcher = try fetcher(base, reactor)
            let expected: [(String, Conversation.Media.Problem)] = [
                ("page", .notATicket), ("empty", .unreachable), ("large", .tooLarge), ("elsewhere", .unreachable),
                ("nowhere", .unreachable), ("missing", .unreachable),
            ]
            for (name, problem) in expected {
                let fetched = try await fetcher.fetch(base + root + name)
                #expect(fetched == .problem(problem), "\(name)")
            }
            let ticket = try await fetcher.fetch(base + root + "ticket")
            #expect(ticket == TicketFile(Self.jpeg).map { .file($0) })
            let foreign = try await fetcher.fetch("https://evil.example/x")
            #expect(foreign == .problem(.unreachable))
            #expect(asked.withLock { $0 } == ["page", "empty", "large", "elsewhere", "nowhere", "missing", "ticket"])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
