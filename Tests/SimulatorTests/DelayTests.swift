import Common
import TestSupport
import Testing

@testable import Simulator

/// The proxy that stands for the way to a server elsewhere.
@Suite struct DelayTests {
    private static let oneWay = Duration.milliseconds(40)

    /// Runs `body` with both ends of a connection through a proxy.
    private func withConnection<R: Sendable>(
        _ body: @Sendable (_ client: RawConnection, _ server: RawConnection) async throws -> R
    ) async throws -> R {
        let listener = try RawListener()
        let bound = Locked(0)
        let proxy = DelayProxy(port: 0, target: ("127.0.0.1", listener.port), oneWay: Self.oneWay) { port in
            bound.withLock { $0 = port }
        }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await proxy.run() }
            try await until("the proxy listens") { bound.withLock { $0 } > 0 }
            let client = try RawConnection(port: bound.withLock { $0 }, receiveBuffer: nil)
            let server = try await listener.accept()
            let result: Result<R, any Error>
            do { result = .success(try await body(client, server)) } catch { result = .failure(error) }
            tasks.cancelAll()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// Letters that repeat nowhere near, so that what is missing or in another place shows.
    private func letters(_ count: Int) -> String {
        var random = SplitMix64(seed: 7)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word = random.next()
            for _ in 0..<8 {
                bytes.append(97 + UInt8(word & 15))
                word >>= 8
            }
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test func everyByteIsLateByWhatWasSaidInEachDirection() async throws {
        let times = try await withConnection { client, server in
            var times: [Duration] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                try await client.send("?")
                _ = try await server.receive { $0 == "?" }
                #expect(ContinuousClock.now - start >= Self.oneWay)
                try await server.send("!")
                _ = try await client.receive { $0 == "!" }
                times.append(ContinuousClock.now - start)
            }
            return times
        }
        let (least, most) = (try #require(times.min()), Self.oneWay * 2)
        #expect(least >= most)
        // Both receivers look every five milliseconds.
        #expect(least < most + .milliseconds(50), "\(times)")
    }

    /// One chunk at a time would take seconds.
    @Test func manyBytesAreOnTheirWayAtOnceAndArriveUnchanged() async throws {
        let sent = letters(16 << 20)
        let (received, took) = try await withConnection { client, server in
            let start = ContinuousClock.now
            async let sending: Void = {
                try await client.send(sent)
                client.endSending()
            }()
            let received = try await server.receive(within: .seconds(30))
            try await sending
            return (received, ContinuousClock.now - start)
        }
        #expect(received == sent)
        #expect(took < .seconds(5), "\(took)")
    }

    @Test func whoHasEndedSendingStillGetsTheWholeAnswer() async throws {
        let answer = letters(3 << 20)
        try await withConnection { client, server in
            try await client.send("question")
            client.endSending()
            let question = try await server.receive()
            #expect(question == "question")
            async let answering: Void = {
                try await server.send(answer)
                server.endSending()
            }()
            let received = try await client.receive(within: .seconds(30))
            try await answering
            #expect(received == answer)
        }
    }

    @Test func aSlowReaderSlowsTheWriter() async throws {
        let piece = letters(1 << 20)
        try await withConnection { client, server in
            let taken = Locked(0)
            async let sending: Void = {
                for _ in 0..<64 {
                    try await client.send(piece)
                    taken.withLock { $0 += 1 }
                }
                client.endSending()
            }()
            var (last, since) = (0, ContinuousClock.now)
            try await until("no more is taken") {
                let now = taken.withLock { $0 }
                if now != last { (last, since) = (now, .now) }
                return now > 0 && ContinuousClock.now - since > .milliseconds(400)
            }
            // The kernel's buffers on either side and what the proxy holds.
            #expect(last < 40, "\(last) MB are in nobody's hands")
            let received = try await server.receive(within: .seconds(40))
            try await sending
            #expect(received.utf8.count == 64 << 20)
        }
    }

    @Test func itsEndIsPassedOn() async throws {
        try await withConnection { client, server in
            client.reset()
            try await server.waitForEnd()
        }
    }

    @Test func theCommandLineIsUnderstood() throws {
        let words = ["--listen", "127.0.0.1:0", "--to", "127.0.0.1:6379", "--one-way", "0.5ms"]
        let command = try #require(DelayCommand(words))
        #expect(command.port == 0 && command.host == "127.0.0.1" && command.target == 6379)
        #expect(command.oneWay == .microseconds(500))
        #expect(DelayCommand(Array(words.reversed())) == nil && DelayCommand([]) == nil)
        for (place, word) in [
            (1, "0.0.0.0:1"), (1, "127.0.0.1"), (3, "127.0.0.1:0"), (5, "1"), (5, "0ms"), (5, "2000ms"),
        ] {
            var wrong = words
            wrong[place] = word
            #expect(DelayCommand(wrong) == nil, "\(word)")
        }
    }
}
