import Common
import Testing

/// The comparison finds what it is there to find.
@Suite struct LedgerTests {
    /// Two people, three messages each, every one answered and with an event.
    private func ledger() -> Ledger {
        var ledger = Ledger()
        for number in 0..<6 {
            let (sid, sender) = ("SM\(number)", "whatsapp:+99900000\(number % 2)")
            let time = Timestamp(seconds: Int64(number))
            ledger.sent.append(
                .init(sid: sid, sender: sender, sent: time, ended: time + .milliseconds(5), isAccepted: true))
            ledger.processed.append(.init(sid: sid, sequence: Int64(number), at: time + .milliseconds(10)))
            ledger.replies.append(.init(id: "r\(number)", inReplyTo: sid, position: 0, state: "sent"))
            ledger.arrivals.append(
                .init(id: "r\(number)", times: 1, place: number, at: time + .milliseconds(20)))
            let event = Ledger.Event(
                id: "e\(number)", key: sender, sequence: Int64(number), cause: sid, at: time + .milliseconds(30))
            ledger.log.append(event)
            ledger.stream.append(event)
        }
        ledger.queue = ["in": 0, "own": 0]
        return ledger
    }

    private func verdict(_ change: (inout Ledger) -> Void) -> Ledger.Verdict {
        var ledger = ledger()
        change(&ledger)
        return ledger.compare()
    }

    @Test func allIsWellWhenAllIsThere() {
        #expect(ledger().compare().complaints == [])
    }

    @Test func aLossIsFound() {
        #expect(verdict { $0.processed.remove(at: 2) }.lost == ["SM2"])
        let missed = verdict {
            $0.sent[2].isAccepted = false
            $0.processed.remove(at: 2)
        }
        #expect(missed.lost == [] && missed.missed == ["SM2"])
    }

    @Test func aSwapIsFoundWhereTheOrderIsKnown() {
        func swap(_ ledger: inout Ledger) {
            (ledger.processed[1].sequence, ledger.processed[3].sequence) = (3, 1)
        }
        #expect(verdict(swap).swapped == ["SM1 after SM3"])
        let together = verdict {
            swap(&$0)
            $0.sent[1].ended = Timestamp(seconds: 4)
        }
        #expect(together.swapped == [], "both were under way: nobody knows")
        let strangers = verdict { ($0.processed[1].sequence, $0.processed[2].sequence) = (2, 1) }
        #expect(strangers.swapped == [], "of two people there is no order")
    }

    @Test func whatTheQueueLostMayComeLate() {
        let late = verdict {
            ($0.processed[1].sequence, $0.processed[3].sequence) = (3, 1)
            $0.lostTails = [Timestamp(seconds: 2)]
        }
        #expect(late.swapped == [] && late.late == ["SM1"])
        let unrelated = verdict {
            ($0.processed[1].sequence, $0.processed[3].sequence) = (3, 1)
            $0.lostTails = [Timestamp(seconds: 5)]
        }
        #expect(unrelated.late == [] && unrelated.swapped == ["SM1 after SM3"], "both were there before the loss")
    }

    @Test func repliesAreEachOnceAndInOrder() {
        #expect(verdict { $0.arrivals[3].times = 2 }.twice == ["r3 ×2"])
        #expect(verdict { $0.arrivals.remove(at: 3) }.unsent == ["r3"])
        let refused = verdict {
            $0.arrivals.remove(at: 3)
            $0.replies[3].state = "failed"
        }
        #expect(refused.unsent == [], "the provider refused it for good")
        #expect(verdict { $0.replies.remove(at: 3) }.unwritten == ["r3"])
        let swapped = verdict { ($0.arrivals[1].place, $0.arrivals[3].place) = (3, 1) }
        #expect(swapped.repliesSwapped == ["r1 after r3"])
    }

    @Test func eventsAreEachOnceAndInOrder() {
        #expect(verdict { $0.stream.remove(at: 4) }.eventsLost == ["e4"])
        #expect(verdict { $0.stream.append($0.stream[5]) }.eventsTwice == ["e5 ×2"])
        #expect(verdict { $0.log.remove(at: 0) }.eventsUnwritten == ["e0"])
        #expect(verdict { $0.stream.swapAt(1, 3) }.eventsSwapped == ["e1"])
        #expect(verdict { $0.stream.swapAt(1, 2) }.eventsSwapped == [], "of two people there is no order")
    }

    @Test func nothingMayBeLeft() {
        #expect(verdict { $0.queue["own"] = 1 }.left == ["own=1"])
        #expect(verdict { $0.dead = 1 }.complaints == ["1 dead letters"])
    }

    @Test func recoveryEndsWithTheLastEffectOfWhatCameBefore() {
        let recovery = verdict {
            $0.healed = Timestamp(seconds: 3)
            $0.arrivals[3].at = Timestamp(seconds: 5)
            $0.stream[2].at = Timestamp(seconds: 4)
        }.recovery
        #expect(recovery == .seconds(2))
    }
}
