import Common

extension Simulation {
    /// Begins to keep count of a plan; false while another runs.
    func startLoad(_ plan: LoadPlan) -> Bool {
        guard load?.isRunning != true else { return false }
        load = LoadRun(plan, at: .now)
        isLoadStopping = false
        return true
    }

    /// Has no more sent; what is under way comes to its end.
    func stopLoad() { isLoadStopping = true }

    func finishLoad() { load?.finish(at: .now) }

    /// How many of the plan's webhooks wait for their answer; nil when nothing more is to be sent.
    var loadUnderWay: Int? { isLoadStopping ? nil : load?.underWay }

    /// Keeps the plan's next message, as Twilio does before it tells anybody.
    func beginLoad(_ index: Int) -> Message? {
        guard let plan = load?.plan else { return nil }
        let now = Timestamp.now
        load?.begin(at: now)
        return keep(
            Message(
                sid: plan.sid(of: index), direction: .inbound, from: plan.address(of: plan.passenger(of: index)),
                to: configuration.senders.whatsApp, body: plan.text(of: index), status: .received,
                messagingServiceSID: nil, created: now, updated: now, sent: now, statusCallback: nil))
    }

    func endLoad(_ index: Int, _ delivery: WebhookSender.Delivery) { load?.end(index, delivery, at: .now) }

    /// What has come of the load, and how often each reply was taken.
    func loadReport(deliveries: Int) -> JSONValue {
        [
            "load": load?.json ?? .null, "replies": replies.json, "deliveriesUnderWay": .integer(deliveries),
        ]
    }

    /// Every message of the load and every reply, a line each, for a comparison with what the service did.
    ///
    /// `m <MessageSid> <sender> <sent> <ended> <status>` with times in microseconds and `-` for what there is not, and
    /// `r <id> <times> <place> <first>`.
    func loadLedger(from first: Int, _ count: Int) -> String? {
        guard let load, first < load.records.count else { return nil }
        var text = ""
        for index in first..<min(first + count, load.records.count) {
            let record = load.records[index]
            let words = [
                "m", load.plan.sid(of: index), load.plan.address(of: load.plan.passenger(of: index)),
                record.sent.map { String($0.microseconds) } ?? "-", record.ended.map { String($0.microseconds) } ?? "-",
                record.status.map { String($0) } ?? "-",
            ]
            text += words.joined(separator: " ") + "\n"
        }
        return text
    }
}
