package import Common
import CoreMetrics
import NIOHTTP1

/// The provider's list of messages, read page by page with patience.
package struct MessageListing: Sendable {
    private let http: HTTPClient
    private let base: String
    private let account: String
    private let credentials: (user: String, password: Secret)
    private let limits: BackfillLimits

    package init(http: HTTPClient, configuration: TwilioConfiguration, limits: BackfillLimits) {
        self.http = http
        base = configuration.apiBaseURL
        account = configuration.accountSID
        credentials = configuration.credentials
        self.limits = limits
    }

    /// What a round may still ask for.
    package struct Budget: Sendable {
        package var pages: Int
        package var deadline: ContinuousClock.Instant

        package init(_ limits: BackfillLimits) {
            pages = limits.pages
            deadline = .now + limits.round
        }
    }

    /// Reads all pages of messages to `address` that were sent on `day`, newest first.
    ///
    /// Twilio lists newest first: a whole page from more than an hour before `since` ends the walk. Throws what
    /// `Budget` or the provider does not allow.
    package func walk(
        to address: String, day: Day, since: Timestamp, _ budget: inout Budget,
        _ visit: (ListedPage) async throws(BackfillError) -> Void
    ) async throws(BackfillError) {
        let query = FormParameters.encode([
            ("To", address), ("DateSent", day.text), ("PageSize", "\(limits.pageSize)"),
        ])
        var next: String? = "\(root)/Messages.json?" + String(decoding: query, as: UTF8.self)
        while let path = next {
            guard budget.pages > 0 else { throw .tooManyPages(limits.pages) }
            guard .now < budget.deadline else { throw .outOfTime(limits.round) }
            budget.pages -= 1
            guard let body = try await get(path, until: budget.deadline), let page = ListedPage(json: body) else {
                throw .unreadable
            }
            try await visit(page)
            let isPast = page.messages.allSatisfy { max($0.created, $0.sent) < since - .seconds(3600) }
            next = isPast && !page.messages.isEmpty ? nil : try page.next.map(path(following:))
        }
    }

    /// The media of a message, at most ten; those of a message that the provider has forgotten meanwhile are none.
    package func media(of message: ListedMessage, until deadline: ContinuousClock.Instant) async throws(BackfillError)
        -> [ListedMedia]
    {
        guard message.mediaCount > 0 else { return [] }
        guard let body = try await get("\(root)/Messages/\(message.sid)/Media.json", until: deadline) else { return [] }
        guard let page = MediaPage(json: body) else { throw .unreadable }
        return try page.media.prefix(10).map { item throws(BackfillError) in
            ListedMedia(url: base + (try path(following: item.path)), contentType: item.contentType)
        }
    }

    private var root: String { "/2010-04-01/Accounts/\(account)" }

    /// The path of an address that the provider gave, which must be its own: our credentials go there.
    func path(following uri: String) throws(BackfillError) -> String {
        let path = uri.hasPrefix(base + "/") ? String(uri.dropFirst(base.count)) : uri
        guard path.hasPrefix(root + "/"), !path.contains("/../") else { throw .foreignPage }
        return path
    }

    /// Asks until there is an answer; nil when there is no such thing (404 below a message).
    private func get(_ path: String, until deadline: ContinuousClock.Instant) async throws(BackfillError) -> [UInt8]? {
        var failure = ""
        for attempt in 0..<limits.attempts {
            var wait = limits.backoff.delay(attempt: attempt)
            do {
                let response = try await send(path)
                switch response.status {
                case 200: return response.body
                case 404 where path.contains("/Media"): return nil
                case 429, 500...:
                    failure = "it answered \(response.status)"
                    let asked = response.headers.first(name: "Retry-After").flatMap { Int($0) }
                    wait = max(wait, .seconds(min(max(asked ?? 0, 0), 60)))
                case let status: throw BackfillError.refused(status: status)
                }
            } catch let error as HTTPError {
                guard error.code != .cancelled else { throw .unavailable("the process is stopping") }
                failure = "\(error)"
            } catch let error as BackfillError {
                throw error
            } catch {
                failure = "\(error)"
            }
            guard attempt + 1 < limits.attempts, .now + wait < deadline else { break }
            guard (try? await Task.sleep(for: wait)) != nil else { throw .unavailable("the process is stopping") }
        }
        throw .unavailable(failure)
    }

    private func send(_ path: String) async throws(HTTPError) -> HTTPResponse {
        var request = HTTPRequest(.GET, base + path)
        request.basicAuthentication = credentials
        request.timeout = limits.request
        request.carryContext()
        request.maximumResponseBytes = 16 * 1024 * 1024
        let started = ContinuousClock.now
        func measure(_ status: String) {
            Timer(label: MetricName.twilioRequest.rawValue, dimensions: [("status", status)])
                .record(duration: .now - started)
        }
        do {
            let response = try await http.send(request)
            measure("\(response.status)")
            return response
        } catch {
            measure("\(error.code)")
            throw error
        }
    }
}
