import Glibc

/// A dedicated thread that runs Swift jobs and file-descriptor readiness in one loop.
///
/// Every actor whose executor this is, and every handler registered here, runs on that one thread,
/// so C libraries that are not thread-safe need no locks. Nothing that runs here may block.
///
/// A turn: jobs until none is ready (bounded, so that they cannot starve readiness), before-sleep
/// hooks, `poll`, readiness handlers, due timers.
///
/// `@unchecked Sendable`: `inbox` is locked; `thread` is written once, before `init` returns and
/// before the thread runs; everything else is touched on the reactor's thread only, which the
/// entry points check.
package final class Reactor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// What a descriptor is watched for, and what it was found ready for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }
        package static let read = Interest(rawValue: Int16(POLLIN))
        package static let write = Interest(rawValue: Int16(POLLOUT))
        /// Reported without being asked for.
        package static let hangup = Interest(rawValue: Int16(POLLHUP | POLLERR | POLLNVAL))
    }

    /// A closure in a struct of its own: in an array by itself it would be wrapped in another closure each time.
    private struct Call {
        let run: () -> Void
    }

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var calls: [Call] = []
        var isSleeping = false
        var isStopping = false
    }

    /// Rounds of jobs made ready by jobs before descriptors are looked at again.
    private static let roundsPerTurn = 64

    private let name: String
    private let wakeup: (read: Int32, write: Int32)
    private let inbox = Locked(Inbox())
    private var thread = pthread_t()

    // Confined to the reactor's thread.
    private var ready: [UnownedJob] = []
    /// What is being run, empty between rounds; they change places with those of the inbox.
    private var jobs: [UnownedJob] = []
    private var calls: [Call] = []
    private var watched = WatchList()
    private var timers = TimerQueue()
    private var flushes: [Call] = []

    /// Starts the thread, under `name` (15 characters at most) in `top` and core dumps.
    package init(name: String) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "reactor: out of file descriptors")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakeup = (ends[0], ends[1])
        self.name = name
        watched.add(ends[0], .read) { _ in
            var sink: (UInt64, UInt64) = (0, 0)
            while read(ends[0], &sink, 16) == 16 {}
        }
        let box = Unmanaged.passRetained(self)
        // The new thread may not run before its own id is stored: it waits for the lock.
        inbox.withLock { _ in
            var new = pthread_t()
            let error = pthread_create(
                &new, nil,
                { argument in
                    guard let argument else { return nil }
                    let reactor = Unmanaged<Reactor>.fromOpaque(argument).takeRetainedValue()
                    reactor.inbox.withLock { _ in }
                    reactor.loop()
                    return nil
                }, box.toOpaque())
            precondition(error == 0, "reactor: cannot start its thread")
            thread = new
        }
    }

    deinit {
        close(wakeup.read)
        close(wakeup.write)
    }

    // MARK: From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrentThread {
            ready.append(job)
        } else {
            deliver { $0.jobs.append(job) }
        }
    }

    /// Runs `body` on the reactor's thread, soon; the cheapest way in from another thread.
    package func submit(_ body: @escaping @Sendable () -> Void) {
        deliver { $0.calls.append(Call(run: body)) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Lets C callbacks that run on this thread use `assumeIsolated`.
    package func checkIsolated() { precondition(isCurrentThread, "not on the reactor's thread") }

    package var isCurrentThread: Bool { pthread_equal(pthread_self(), thread) != 0 }

    /// Ends the loop after its turn; jobs enqueued later never run.
    ///
    /// Safe to call twice.
    package func stop() {
        deliver { $0.isStopping = true }
    }

    private func deliver(_ change: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if mustWake {
            var one: UInt8 = 1
            _ = write(wakeup.write, &one, 1)
        }
    }

    // MARK: On the reactor's thread only

    /// Calls `handler` whenever `descriptor` is ready, until `unwatch`; the handler keeps its owner alive.
    package func watch(_ descriptor: Int32, _ interest: Interest, _ handler: @escaping (Interest) -> Void) {
        checkIsolated()
        watched.add(descriptor, interest, handler)
    }

    package func setInterest(_ descriptor: Int32, _ interest: Interest) {
        checkIsolated()
        watched.setInterest(descriptor, interest)
    }

    /// Forgets `descriptor`; call it before closing the descriptor.
    ///
    /// Safe to call twice.
    package func unwatch(_ descriptor: Int32) {
        checkIsolated()
        watched.remove(descriptor)
    }

    /// Runs `body` once, after the jobs that are ready now: the place to flush write buffers.
    package func beforeSleep(_ body: @escaping () -> Void) {
        checkIsolated()
        flushes.append(Call(run: body))
    }

    /// Runs `body` once, `delay` from now, unless cancelled.
    @discardableResult
    package func after(_ delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        checkIsolated()
        return timers.add(.now + delay, body)
    }

    /// Drops a timer; without effect when it has fired.
    package func cancel(_ timer: TimerID) {
        checkIsolated()
        timers.remove(timer)
    }

    // MARK: The loop

    private func loop() {
        if let comm = fopen("/proc/thread-self/comm", "w") {
            fputs(String(name.prefix(15)), comm)
            fclose(comm)
        }
        while true {
            runJobs()
            while !flushes.isEmpty {
                let now = flushes
                flushes.removeAll(keepingCapacity: true)
                for flush in now { flush.run() }
            }
            let (isIdle, isStopping) = inbox.withLock { inbox in
                inbox.isSleeping = inbox.jobs.isEmpty && inbox.calls.isEmpty && ready.isEmpty
                return (inbox.isSleeping, inbox.isStopping)
            }
            if isStopping { return }
            let slots = watched.poll(milliseconds: isIdle ? untilNextTimer() : 0)
            inbox.withLock { $0.isSleeping = false }
            for index in 0..<slots {
                if let (handler, interest) = watched.ready(index) { handler(interest) }
            }
            if timers.nextDeadline != nil {
                let now = ContinuousClock.now
                while let fire = timers.popDue(at: now) { fire() }
            }
        }
    }

    private func runJobs() {
        for _ in 0..<Self.roundsPerTurn {
            swap(&jobs, &ready)
            inbox.withLock { inbox in
                if jobs.isEmpty {
                    swap(&jobs, &inbox.jobs)
                } else {
                    jobs += inbox.jobs
                    inbox.jobs.removeAll(keepingCapacity: true)
                }
                swap(&calls, &inbox.calls)
            }
            if jobs.isEmpty, calls.isEmpty { return }
            for call in calls { call.run() }
            calls.removeAll(keepingCapacity: true)
            for job in jobs {
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    private func untilNextTimer() -> Int32 {
        guard let deadline = timers.nextDeadline else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }
}
