import Common
import ServiceLifecycle

/// Everything that Twilio does by itself after it has answered: webhooks, and the course of a message to its reader.
struct Deliveries: Service {
    private enum Job: Sendable {
        case inbound(Message, FormBody)
        case course(Message)
    }

    /// How many may wait; more than a test produces while the simulator stands still.
    private static let limit = 50_000
    /// How often readers of the event stream hear something, so that a dead connection shows.
    private static let heartbeat: Duration = .seconds(15)

    private let simulation: Simulation
    private let sender: WebhookSender
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let unfinished = Locked(0)

    init(_ simulation: Simulation, client: HTTPClient) {
        self.simulation = simulation
        sender = WebhookSender(simulation, client: client)
        (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(Self.limit))
    }

    /// How much of it is still to be done.
    var underWay: Int { unfinished.withLock { $0 } }

    /// Has the service told of a passenger's message.
    func inbound(_ message: Message, _ form: FormBody) { add(.inbound(message, form)) }

    /// Takes a message of the service's to its reader.
    func course(of message: Message) { add(.course(message)) }

    private func add(_ job: Job) {
        guard case .enqueued = queue.yield(job) else { return }
        unfinished.withLock { $0 += 1 }
    }

    /// Works until shutdown, then drops what is under way: nothing here outlives the process anyway.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while (try? await Task.sleep(for: Self.heartbeat)) != nil { await simulation.wakeReaders() }
                }
                for await job in jobs {
                    group.addTask {
                        switch job {
                        case .inbound(let message, let form):
                            if await simulation.takeFault(.webhook) == nil { _ = await sender.deliver(message, form) }
                        case .course(let message): await follow(message)
                        }
                        unfinished.withLock { $0 -= 1 }
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            queue.finish()
        }
        await simulation.close()
    }

    /// One status after the other, with a callback for each but the first, which the create call answered.
    private func follow(_ message: Message) async {
        var held: [(status: MessageStatus, message: Message)] = []
        let failure = await simulation.takeFault(.delivery)
        for status in failure == nil ? MessageStatus.course(isWhatsApp: message.isWhatsApp) : [.undelivered] {
            let interval = simulation.configuration.statusInterval
            guard (try? await Task.sleep(for: interval)) != nil,
                let now = await simulation.advance(message.sid, to: status, errorCode: failure?.errorCode)
            else { return }
            let fault = message.statusCallback == nil ? nil : await simulation.takeFault(.callback)
            switch fault?.kind {
            case .dropCallback: break
            case .delayCallback: held.append((status, now))
            case .duplicateCallback:
                await sender.tell(status, of: now)
                await sender.tell(status, of: now)
            case nil, .tooManyRequests, .serverError, .unavailable, .hang, .reset, .undelivered, .dropWebhook,
                .listTooManyRequests, .listServerError, .listHang:
                await sender.tell(status, of: now)
                for late in held { await sender.tell(late.status, of: late.message) }
                held = []
            }
        }
        for late in held { await sender.tell(late.status, of: late.message) }
    }
}
