/// Starts asynchronous responders and streams as child tasks of the server's `run()`.
///
/// There is at most one for each connection, so the queue needs no limit of its own.
struct RequestTasks: Sendable {
    typealias Job = @Sendable () async -> Void

    private let queue: AsyncStream<Job>.Continuation

    /// Gives the two ends: where jobs are put and where `run()` takes them.
    static func makeQueue() -> (tasks: RequestTasks, jobs: AsyncStream<Job>) {
        let (jobs, queue) = AsyncStream.makeStream(of: Job.self)
        return (RequestTasks(queue: queue), jobs)
    }

    /// False when the server has stopped: `job` will not run.
    func start(_ job: @escaping Job) -> Bool {
        if case .enqueued = queue.yield(job) { return true }
        return false
    }

    /// Lets what was started run, and nothing new.
    func finish() { queue.finish() }
}
