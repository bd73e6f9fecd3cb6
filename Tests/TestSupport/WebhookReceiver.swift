import Common

/// An HTTP server that a test scripts: it keeps what is posted to it and answers as it is told.
package final class WebhookReceiver: Sendable {
    /// What somebody posted.
    package struct Delivery: Sendable {
        package let path: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: String
        package let at: ContinuousClock.Instant
        /// The header `webhook-id`.
        package var id: String { headers["webhook-id"] ?? "" }
    }

    /// What is said to it.
    package enum Answer: Sendable {
        case status(Int, headers: [String] = [], body: String = "")
        /// Nothing, until the receiver closes.
        case hang
        /// The end of the connection.
        case close
        /// Status 200 and a body without end.
        case endless
    }

    private struct State {
        var deliveries: [Delivery] = []
        var answer: @Sendable (Delivery) -> Answer = { _ in .status(200) }
        var isClosed = false
        /// How many came and are not answered yet, and how many there were at once at most.
        var (busy, busiest) = (0, 0)
        var keys: [String: Int] = [:]
        var overlaps: [String] = []
    }

    private let listener: RawListener
    private let state = Locked(State())
    /// Before each answer, so that requests meet.
    private let pause: Duration

    package var port: Int { listener.port }
    package var url: String { "http://127.0.0.1:\(port)/hook" }

    fileprivate init(pause: Duration) throws {
        listener = try RawListener()
        self.pause = pause
    }

    /// All that came, those that were not answered too, in order of arrival.
    package var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    /// The most that waited for an answer at once.
    package var busiest: Int { state.withLock { $0.busiest } }
    /// Subjects of which two events were on their way at once.
    package var overlaps: [String] { state.withLock { $0.overlaps } }

    /// Answers so from now on.
    package func answer(_ answer: @escaping @Sendable (Delivery) -> Answer) { state.withLock { $0.answer = answer } }

    package func forget() { state.withLock { $0.deliveries = [] } }

    fileprivate func run() async {
        await withTaskGroup(of: Void.self) { group in
            while !isClosed {
                if let connection = listener.acceptNow() {
                    group.addTask { try? await self.serve(connection) }
                } else {
                    try? await Task.sleep(for: .milliseconds(2))
                }
            }
            group.cancelAll()
        }
    }

    fileprivate func close() { state.withLock { $0.isClosed = true } }
    private var isClosed: Bool { state.withLock { $0.isClosed } || Task.isCancelled }

    private func serve(_ connection: RawConnection) async throws {
        while !isClosed {
            let text = try await connection.receive(within: .seconds(600)) { Self.isWhole($0) || self.isClosed }
            guard let delivery = Self.read(text) else { break }
            let answer = begin(delivery)
            if pause > .zero { try await Task.sleep(for: pause) }
            end(delivery)  // before the answer: what it makes the other side do may be quicker than we are
            switch answer {
            case .status(let status, let headers, let body):
                let lines = ["HTTP/1.1 \(status) Test", "Content-Length: \(body.utf8.count)"] + headers
                try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
            case .hang:
                try await until("the test is over", within: .seconds(600)) { self.isClosed }
            case .close:
                connection.shutDown()
                return
            case .endless:
                try await connection.send("HTTP/1.1 200 Test\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
                while !isClosed { try await connection.send(chunk) }
            }
        }
        connection.shutDown()
    }

    private func begin(_ delivery: Delivery) -> Answer {
        let subject = Self.subject(of: delivery)
        return state.withLock { state in
            state.deliveries.append(delivery)
            state.busy += 1
            state.busiest = max(state.busiest, state.busy)
            state.keys[subject, default: 0] += 1
            if state.keys[subject, default: 0] > 1 { state.overlaps.append(subject) }
            return state.answer(delivery)
        }
    }

    private func end(_ delivery: Delivery) {
        let subject = Self.subject(of: delivery)
        state.withLock { state in
            state.busy -= 1
            state.keys[subject, default: 0] -= 1
        }
    }

    private static func subject(of delivery: Delivery) -> String {
        JSONValue(parsing: Array(delivery.body.utf8))?["subject"]?.string ?? ""
    }

    private static func parts(_ text: String) -> (head: [Substring], body: Substring)? {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        return (text[..<end.lowerBound].split(separator: "\r\n"), text[end.upperBound...])
    }

    private static func isWhole(_ text: String) -> Bool {
        guard let delivery = read(text) else { return false }
        return delivery.body.utf8.count >= Int(delivery.headers["content-length"] ?? "0") ?? 0
    }

    private static func read(_ text: String) -> Delivery? {
        guard let (head, body) = parts(text), let first = head.first else { return nil }
        let words = first.split(separator: " ")
        let headers = head.dropFirst().map { line -> (String, String) in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0].lowercased(), String((parts.last ?? "").drop { $0 == " " }))
        }
        return Delivery(
            path: words.count > 1 ? String(words[1]) : "", headers: Dictionary(headers) { $1 }, body: String(body),
            at: .now)
    }
}

/// Runs `body` with a receiver that ends with the scope; it waits for `pause` before it answers.
package func withWebhookReceiver<R: Sendable>(
    pause: Duration = .zero, _ body: (WebhookReceiver) async throws -> R
) async throws -> R {
    let receiver = try WebhookReceiver(pause: pause)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await receiver.run() }
        let result: Result<R, any Error>
        do { result = .success(try await body(receiver)) } catch { result = .failure(error) }
        receiver.close()
        group.cancelAll()
        return try result.get()
    }
}
