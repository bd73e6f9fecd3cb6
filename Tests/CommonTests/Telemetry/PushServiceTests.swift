import Common
import CoreMetrics
import Logging
import NIOHTTP1
import TestSupport
import Testing

/// Pushing to a server that takes it, does not take it, hangs or is not there.
@Suite struct PushServiceTests {
    private let registry = PrometheusRegistry()
    private let reactor = Reactor(name: "push")
    private let lines = Locked<[String]>([])

    private var logger: Logger {
        let lines = lines
        return Logger(label: "test") { _ in
            JSONLogHandler(
                service: "s", process: "p",
                output: LogOutput { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } })
        }
    }

    private static let quick = PushLimits(
        count: 100, bytes: 10_000, batchCount: 10, batchBytes: 1000, linger: .milliseconds(20))

    private func buffer(_ limits: PushLimits = quick) -> PushBuffer<String> {
        withMetricsFactory(registry) { PushBuffer(.loki, limits: limits) }
    }

    private func service(_ buffer: PushBuffer<String>, _ url: String) -> PushService<String> {
        PushService(buffer, reactor: reactor, logger: logger) { items in
            HTTPRequest(.POST, url, body: Array(items.joined(separator: ",").utf8))
        }
    }

    private func count(_ result: String) -> Int {
        let line = registry.render().split(separator: "\n").first {
            $0.hasPrefix("whatsapp_push_total{result=\"\(result)\",target=\"loki\"} ")
        }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? -1
    }

    /// Runs the service around `body`, then has it finish and waits for it.
    private func running(
        _ service: PushService<String>, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            service.finish()
            try await group.waitForAll()
            try result.get()
        }
    }

    @Test func whatIsAddedArrivesInOrderInBatches() async throws {
        try await withWebhookReceiver { receiver in
            let buffer = buffer()
            try await running(service(buffer, receiver.url)) {
                for number in 0..<35 { buffer.add("\(number)", bytes: 2) }
                try await until("all of it is there") { count("sent") == 35 }
            }
            let bodies = receiver.deliveries.map(\.body)
            #expect(bodies.joined(separator: ",") == (0..<35).map(String.init).joined(separator: ","))
            #expect(bodies.count == 4, "\(bodies)")
            #expect(receiver.busiest == 1)
            #expect(lines.withLock { $0 } == [])
        }
    }

    @Test func aLoneEntryDoesNotWaitForOthersForLong() async throws {
        try await withWebhookReceiver { receiver in
            let buffer = buffer()
            try await running(service(buffer, receiver.url)) {
                buffer.add("one", bytes: 3)
                try await until("it is there") { receiver.deliveries.count == 1 }
                buffer.add("two", bytes: 3)
                try await until("the next one too") { receiver.deliveries.count == 2 }
            }
        }
    }

    @Test(arguments: [500, 503, 429]) func aServerThatIsBusyGetsTheSameBatchAgain(status: Int) async throws {
        try await withWebhookReceiver { receiver in
            let times = Locked(0)
            receiver.answer { _ in
                times.withLock { times in
                    times += 1
                    return times <= 2 ? .status(status, headers: ["Retry-After: 0"]) : .status(204)
                }
            }
            let buffer = buffer()
            try await running(service(buffer, receiver.url)) {
                buffer.add("first", bytes: 5)
                try await until("it has come three times") { receiver.deliveries.count == 3 }
                buffer.add("second", bytes: 6)
                try await until("the next one has come") { count("sent") == 2 }
            }
            #expect(receiver.deliveries.map(\.body) == ["first", "first", "first", "second"])
            #expect(count("failed") == 0 && count("dropped") == 0)
            let told = lines.withLock { $0 }
            #expect(told.count == 2)
            #expect(told.first?.contains(#""cause":"status \#(status)""#) == true)
            #expect(told.last?.contains("pushing works again") == true)
        }
    }

    @Test func whatIsRefusedIsGivenUpAndTheNextBatchGoesOn() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { $0.body.hasPrefix("bad") ? .status(400) : .status(204) }
            let buffer = buffer()
            try await running(service(buffer, receiver.url)) {
                buffer.add("bad", bytes: 3, units: 7)
                try await until("it is given up") { count("failed") == 7 }
                buffer.add("good", bytes: 4)
                try await until("the next one is there") { count("sent") == 1 }
            }
            #expect(receiver.deliveries.map(\.body) == ["bad", "good"])
        }
    }

    @Test func whatThereIsNoRoomForIsDroppedAndCountedAndNobodyWaits() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .hang }
            let buffer = buffer()
            try await running(service(buffer, receiver.url)) {
                buffer.add("first", bytes: 5)
                try await until("it hangs") { receiver.deliveries.count == 1 }
                for _ in 0..<1000 { buffer.add("more", bytes: 4) }
                #expect(buffer.count == 100)
                #expect(count("dropped") == 900)
            }
            #expect(buffer.count == 0)
            #expect(count("dropped") == 1001 && count("sent") == 0, "what was left at the end too")
        }
    }

    @Test func theLastFlushTakesAllThatIsLeft() async throws {
        try await withWebhookReceiver { receiver in
            let buffer = buffer(
                PushLimits(count: 100, bytes: 10_000, batchCount: 10, batchBytes: 1000, linger: .seconds(600)))
            try await running(service(buffer, receiver.url)) {
                for number in 0..<25 { buffer.add("\(number)", bytes: 2) }
            }
            #expect(count("sent") == 25)
            buffer.add("late", bytes: 4)
            #expect(count("dropped") == 1, "nobody would push it any more")
        }
    }

    @Test func theLastFlushEndsWhenNobodyIsThere() async throws {
        let buffer = buffer()
        let url = "http://127.0.0.1:\(try freePort())/"
        try await running(service(buffer, url)) {
            for number in 0..<25 { buffer.add("\(number)", bytes: 2) }
            try await until("the first attempt has failed") { !lines.withLock { $0.isEmpty } }
        }
        #expect(count("sent") == 0)
        #expect(count("failed") + count("dropped") == 25)
        let told = lines.withLock { $0 }
        #expect(told.count == 1)
        #expect(told.first?.contains(#""cause":"couldNotConnect""#) == true)
    }

    /// Twice as long as the flush may take would be too long, whatever the machine.
    @Test func theLastFlushEndsWhenTheServerHangs() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .hang }
            let buffer = buffer()
            let service = service(buffer, receiver.url)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await service.run() }
                buffer.add("first", bytes: 5)
                try await until("it hangs") { receiver.deliveries.count == 1 }
                service.finish()
                service.finish()
                try await group.waitForAll()
            }
            #expect(count("dropped") == 1)
        }
    }

    @Test func aCancelledServiceEndsAtOnce() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .hang }
            let buffer = buffer()
            let service = service(buffer, receiver.url)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await service.run() }
                buffer.add("first", bytes: 5)
                try await until("it hangs") { receiver.deliveries.count == 1 }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(count("dropped") == 1)
        }
    }
}
