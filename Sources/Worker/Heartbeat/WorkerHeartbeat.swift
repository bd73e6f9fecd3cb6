import Common
import Glibc
import Logging
import ServiceLifecycle

/// Tells Redis every few seconds that this worker lives, and good-bye when it stops.
///
/// It is told to stop after the consumers: while they finish what they hold the worker is still seen.
struct WorkerHeartbeat: Service {
    private let registry: WorkerRegistry
    private let sign: @Sendable () -> WorkerSign
    private let logger: Logger

    /// `sign` says how the worker is; called once an interval.
    init(_ registry: WorkerRegistry, logger: Logger, sign: @escaping @Sendable () -> WorkerSign) {
        self.registry = registry
        self.sign = sign
        self.logger = logger
    }

    /// Goes on when Redis is away: then nobody could look anyway.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await registry.beat(sign()) } catch {
                    logger.debug("no sign of life could be given", metadata: ["cause": "\(error)"])
                }
                try? await Task.sleep(for: WorkerRegistry.interval)
            }
        }
        try? await registry.leave(sign().id)
    }

    /// What changes of a sign is asked for each time.
    static func signs(
        budget: ConcurrencyBudget, gate: TwilioGate
    ) -> @Sendable () -> WorkerSign {
        let (id, started, host) = (UUID.random(), Timestamp.now, Self.host)
        return {
            WorkerSign(
                id: id, host: host, pid: Int(getpid()), version: Build.version, startedAt: started,
                inHand: budget.taken, places: budget.size, breaker: gate.sign)
        }
    }

    /// The machine's or the container's name.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "-" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension TwilioGate {
    /// The breaker's state in words.
    fileprivate var sign: WorkerSign.Breaker {
        switch state {
        case .closed: .closed
        case .halfOpen: .halfOpen
        case .open: .open
        }
    }
}
