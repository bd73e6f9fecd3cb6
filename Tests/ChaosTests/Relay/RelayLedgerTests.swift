import Testing

/// The comparison finds what it is there to find.
@Suite struct RelayLedgerTests {
    private func verdict(_ change: (inout RelayLedger) -> Void) -> [String] {
        let events = ["ann": ["a1", "a2", "a3"], "bob": ["b1", "b2"]]
        var ledger = RelayLedger(committed: events, log: events, stream: events, webhook: events)
        change(&ledger)
        return ledger.compare().complaints
    }

    @Test func nothingIsWrongWhenAllAgree() {
        #expect(verdict { _ in } == [])
        // A commit whose answer was lost is in the log, and nobody was told.
        #expect(verdict { $0.committed["ann"] = ["a1", "a3"] } == [])
    }

    @Test func everyKindIsFound() {
        #expect(verdict { $0.log["ann"] = ["a1", "a2"] }.count == 2, "lost from the log, and of unknown origin")
        #expect(verdict { $0.log["ann"] = ["a2", "a1", "a3"] }.contains { $0.contains("out of order") })
        #expect(verdict { $0.stream["ann"] = ["a1", "a3"] } == ["1 lost: a2, to the stream"])
        #expect(verdict { $0.stream["ann"] = ["a1", "a3", "a2"] } == ["1 out of order: ann in the stream"])
        #expect(verdict { $0.stream["bob"] = ["b1", "b2", "b1"] } == ["1 twice in the stream: b1"])
        #expect(verdict { $0.stream["cy"] = ["c1"] } == ["1 of unknown origin: c1"])
        #expect(verdict { $0.webhook?["bob"] = ["b2"] } == ["1 lost: b1, to the webhook"])
        #expect(verdict { $0.webhook?["bob"] = ["b2", "b1"] } == ["1 out of order: bob at the webhook"])
        #expect(verdict { $0.isVerified = false } == ["operator outbox verify found differences"])
    }

    @Test func aRestoreExplainsWhatItExplains() {
        let again = verdict {
            $0.stream["bob"] = ["b1", "b2", "b2"]
            $0.mayComeAgain = true
        }
        #expect(again == [])
        let forgotten = verdict {
            $0.log["ann"] = ["a1", "a3"]
            $0.forgotten = ["a2"]
            $0.webhook = nil
        }
        #expect(forgotten == [])
    }
}
