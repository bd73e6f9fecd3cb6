import Common

extension ReliabilityTable {
    /// Everything together, under load.
    static let queue = ReliabilityTable(
        command: "make chaos",
        headings: [
            "scenario", "messages", "not accepted", "lost", "out of order", "sent twice", "dead", "recovery",
            "date, seed",
        ], names: Scenario.all.map(\.name))

    /// The relays, with their sinks.
    static let relays = ReliabilityTable(
        command: "make chaos-relay",
        headings: [
            "scenario", "strokes", "events", "lost", "out of order", "twice in the stream", "again after a restore",
            "repeated to the webhook", "recovery", "date, seed",
        ], names: RelayScenario.all.map(\.name))

    func row(_ scenario: Scenario, _ outcome: Scenario.Outcome, seed: UInt64) -> Row {
        let verdict = outcome.verdict
        let swapped = verdict.swapped.count + verdict.repliesSwapped.count + verdict.eventsSwapped.count
        let late = verdict.late.isEmpty ? "" : " (\(verdict.late.count) late)"
        let lost = verdict.lost.count + verdict.unsent.count + verdict.eventsLost.count
        let twice = verdict.twice.count + verdict.eventsTwice.count
        return Row(
            scenario.name,
            [
                "\(outcome.report.sent)", "\(outcome.report.sent - outcome.report.accepted)", "\(lost)",
                "\(swapped)\(late)", "\(twice)", "\(verdict.dead)", Self.seconds(verdict.recovery), Self.stamp(seed),
            ])
    }

    func row(_ scenario: RelayScenario, _ outcome: RelayScenario.Outcome, seed: UInt64) -> Row {
        let verdict = outcome.verdict
        let hasWebhook = scenario.sinks.contains("webhook")
        return Row(
            scenario.name,
            [
                "\(outcome.strokes)", "\(verdict.events)", "\(verdict.lost.count)", "\(verdict.swapped.count)",
                "\(verdict.twice.count)", "\(verdict.again)", hasWebhook ? "\(outcome.repeatedDeliveries)" : "-",
                Self.seconds(outcome.recovery), Self.stamp(seed),
            ])
    }
}
