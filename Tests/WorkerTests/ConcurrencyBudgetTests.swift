import Common
import Testing

@testable import Worker

@Suite struct ConcurrencyBudgetTests {
    @Test func noMoreIsTakenThanThereIs() {
        let budget = ConcurrencyBudget(3)
        #expect(budget.take(upTo: 2) == 2)
        #expect(budget.take(upTo: 2) == 1)
        #expect(budget.take(upTo: 2) == 0)
        #expect(budget.take(upTo: -1) == 0)
        budget.giveBack(2)
        #expect(budget.take(upTo: 8) == 2)
    }

    @Test func whoFoundNoPlaceIsWokenOnce() {
        let budget = ConcurrencyBudget(1)
        #expect(budget.take(upTo: 1) == 1)
        let woken = Locked(0)
        budget.whenFree { woken.withLock { $0 += 1 } }
        budget.giveBack(0)
        #expect(woken.withLock { $0 } == 0)
        budget.giveBack(1)
        budget.giveBack(1)
        #expect(woken.withLock { $0 } == 1)
    }
}
