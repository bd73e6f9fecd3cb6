import CoreMetrics

/// What waits to be pushed: whoever adds to it never waits, and what there is no room for is dropped and counted.
///
/// `whatsapp_push_total{target,result}` tells what became of each unit: `sent`, `failed` when the other side refused it
/// or could not take it for long, `dropped` when there was no room or no time left at shutdown. Make it when metrics
/// are bootstrapped, and one `PushService` for it.
package final class PushBuffer<Item: Sendable>: Sendable {
    private struct State {
        var queue: PushQueue<Item>
        var isClosed = false
        var onChange: (@Sendable () -> Void)?
    }

    package let target: PushTarget
    package let limits: PushLimits
    private let state: Locked<State>
    private let sent: Counter
    private let failed: Counter
    private let dropped: Counter

    package init(_ target: PushTarget, limits: PushLimits = PushLimits()) {
        self.target = target
        self.limits = limits
        state = Locked(State(queue: PushQueue(limits)))
        func counter(_ result: String) -> Counter {
            Counter(label: MetricName.push.rawValue, dimensions: [("target", target.rawValue), ("result", result)])
        }
        sent = counter("sent")
        failed = counter("failed")
        dropped = counter("dropped")
    }

    /// Adds an entry of so many bytes, which stands for so many units (lines, series, spans); from any thread.
    package func add(_ item: Item, bytes: Int, units: Int = 1) {
        let (isIn, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            let before = (isEmpty: state.queue.isEmpty, hasFullBatch: state.queue.hasFullBatch)
            guard !state.isClosed, state.queue.add(item, bytes: bytes, units: units) else { return (false, nil) }
            // Only the first entry and the one that makes a batch full change what the service has to do.
            let isChange = before.isEmpty || before.hasFullBatch != state.queue.hasFullBatch
            return (true, isChange ? state.onChange : nil)
        }
        if !isIn { dropped.increment(by: units) }
        wake?()
    }

    // MARK: For the service

    var isEmpty: Bool { state.withLock { $0.queue.isEmpty } }
    var hasFullBatch: Bool { state.withLock { $0.queue.hasFullBatch } }
    /// What waits, in entries; for tests.
    package var count: Int { state.withLock { $0.queue.count } }

    /// Has `body` called when the first entry has come, and when there is enough for a full request.
    func onChange(_ body: (@Sendable () -> Void)?) { state.withLock { $0.onChange = body } }

    func takeBatch() -> PushBatch<Item>? { state.withLock { $0.queue.takeBatch() } }

    func wasSent(_ units: Int) { sent.increment(by: units) }
    func hasFailed(_ units: Int) { failed.increment(by: units) }
    func wasDropped(_ units: Int) { dropped.increment(by: units) }

    /// Drops what waits and all that comes later.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return state.queue.removeAll()
        }
        if left > 0 { dropped.increment(by: left) }
    }
}
