import Common

@testable import Relay

/// A sink that does what a test says, event by event, and keeps what it took in the order in which it came.
final class ScriptedSink: Sink {
    enum Answer: Sendable {
        case take
        case refuse(EventRefusal)
        /// It fails before it takes the event, or after: then the relay does not learn that it was taken.
        case fail(SinkError, isTaken: Bool = false)
    }

    typealias Script = @Sendable (LoggedEvent) -> Answer

    private struct State {
        var script: Script = { _ in .take }
        var pause: Duration = .zero
        var taken: [LoggedEvent] = []
        var tried: [LoggedEvent] = []
        var calls = 0
    }

    private let state = Locked(State())

    /// What it has taken, repetitions included.
    var taken: [LoggedEvent] { state.withLock { $0.taken } }
    /// What it was asked to take.
    var tried: [LoggedEvent] { state.withLock { $0.tried } }
    var calls: Int { state.withLock { $0.calls } }
    /// The sequences of what it has taken, repetitions included.
    var sequences: [Int64] { taken.map(\.sequence) }

    func answer(_ script: @escaping Script) { state.withLock { $0.script = script } }
    /// How long each event takes from now on.
    func take(_ pause: Duration) { state.withLock { $0.pause = pause } }

    func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]? { nil }

    func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport {
        state.withLock { $0.calls += 1 }
        var report = SinkReport()
        for batch in batches {
            var taken: Set<Int64> = []
            var refused: [Int64: EventRefusal] = [:]
            var stopped: Set<String> = []
            for event in batch.events where report.failure == nil && !stopped.contains(event.orderingKey) {
                guard window.isOpen, !Task.isCancelled else { break }
                let pause = state.withLock { $0.pause }
                if pause > .zero { try? await Task.sleep(for: pause) }
                switch play(event) {
                case .take: taken.insert(event.sequence)
                case .refuse(let refusal):
                    refused[event.sequence] = refusal
                    stopped.insert(event.orderingKey)
                case .fail(let error, _): report.failure = error
                }
            }
            report.answers[batch.held.shard] =
                taken.count == batch.events.count
                ? .taken(count: taken.count) : .partly(taken: taken, refused: refused)
        }
        return report
    }

    private func play(_ event: LoggedEvent) -> Answer {
        state.withLock { state in
            let answer = state.script(event)
            state.tried.append(event)
            switch answer {
            case .take, .fail(_, isTaken: true): state.taken.append(event)
            case .refuse, .fail: break
            }
            return answer
        }
    }
}
