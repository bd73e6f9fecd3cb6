import Common
import ServiceLifecycle

/// Has many passengers write at a steady rate, with Twilio's retries; one plan at a time.
struct LoadGenerator: Service {
    /// How many webhooks may be under way; when the service is slower than that, the plan falls behind.
    private static let mostUnderWay = 4000
    private static let pace: Duration = .milliseconds(1)

    private let simulation: Simulation
    private let sender: WebhookSender
    private let plans: AsyncStream<LoadPlan>
    private let queue: AsyncStream<LoadPlan>.Continuation

    init(_ simulation: Simulation, client: HTTPClient) {
        self.simulation = simulation
        sender = WebhookSender(simulation, client: client)
        (plans, queue) = AsyncStream.makeStream(of: LoadPlan.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// Starts a plan; false while another runs.
    func start(_ plan: LoadPlan) async -> Bool {
        guard await simulation.startLoad(plan) else { return false }
        queue.yield(plan)
        return true
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await plan in plans {
                await drive(plan)
                await simulation.finishLoad()
            }
        }
    }

    private func drive(_ plan: LoadPlan) async {
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            var next = 0
            while next < plan.messages {
                guard let underWay = await simulation.loadUnderWay else { return }
                let room = Self.mostUnderWay - underWay
                let due = min(plan.due(after: .now - start), next + max(0, room))
                while next < due {
                    let index = next
                    let message = await simulation.beginLoad(index)
                    next += 1
                    guard let message else { return }
                    group.addTask { await send(message, plan, index) }
                }
                guard (try? await Task.sleep(for: Self.pace)) != nil else { return }
            }
        }
    }

    private func send(_ message: Message, _ plan: LoadPlan, _ index: Int) async {
        let name = "Passenger \(plan.passenger(of: index))"
        let number = String(plan.address(of: plan.passenger(of: index)).dropFirst("whatsapp:".count))
        let passenger = Passenger(id: "", name: name, number: number, username: nil, userID: nil)
        let form = InboundForm.make(
            message, from: passenger, button: nil, account: simulation.configuration.accountSID)
        await simulation.endLoad(index, await sender.deliver(message, form))
    }
}
