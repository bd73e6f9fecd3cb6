import Common
import CoreMetrics
import Logging

/// What follows the commit of an erasure: Redis forgets the conversation, and the rest is seen to.
struct Farewell: Sendable {
    let redis: any RedisService
    let keys: QueueKeys
    /// Has the rest of an erasure looked after soon.
    let lookSoon: @Sendable () -> Void
    let logger: Logger

    /// Has Redis forget the state and the allowance of a sender, whose lease is held; safe to repeat.
    ///
    /// Throws `TurnPause` when Redis cannot: the message comes again, and with it this.
    func forget(_ sender: String) async throws(TurnPause) {
        do {
            for key in keys.conversation(of: sender) { _ = try await redis.send(RedisCommand("DEL", .init(key))) }
        } catch {
            logger.warning("Redis cannot forget a conversation yet", metadata: ["cause": "\(error)"])
            throw TurnPause(after: .seconds(1))
        }
        FaultPoint.afterForget.reached()
    }
}
