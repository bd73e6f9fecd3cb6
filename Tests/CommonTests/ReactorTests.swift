import Common
import Glibc
import TestSupport
import Testing

@Suite struct ReactorTests {
    let reactor = Reactor(name: "test")

    @Test func tasksRunOnItsThread() async {
        await withTaskExecutorPreference(reactor) { #expect(reactor.isCurrentThread) }
        #expect(!reactor.isCurrentThread)
    }

    @Test func timersFireInOrderAndCancelledOnesDoNot() async {
        let fired = Locked<[Int]>([])
        await withCheckedContinuation { done in
            reactor.submit { [reactor] in
                reactor.after(.milliseconds(30)) { done.resume() }
                reactor.after(.milliseconds(20)) { fired.withLock { $0.append(2) } }
                reactor.after(.milliseconds(10)) { fired.withLock { $0.append(1) } }
                reactor.cancel(reactor.after(.milliseconds(15)) { fired.withLock { $0.append(9) } })
            }
        }
        #expect(fired.withLock { $0 } == [1, 2])
    }

    @Test func aHandlerMayUnwatchItsOwnDescriptor() async {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        let calls = Locked(0)
        await withCheckedContinuation { done in
            reactor.submit { [reactor] in
                reactor.watch(readEnd, .read) { _ in
                    calls.withLock { $0 += 1 }
                    reactor.unwatch(readEnd)
                    reactor.after(.milliseconds(20)) { done.resume() }
                }
                _ = write(writeEnd, "x", 1)
            }
        }
        #expect(calls.withLock { $0 } == 1)
        close(readEnd)
        close(writeEnd)
    }

    @Test func beforeSleepRunsOnceAfterTheJobsThatAreReady() async {
        let order = Locked<[String]>([])
        await withCheckedContinuation { done in
            reactor.submit { [reactor] in
                reactor.beforeSleep {
                    order.withLock { $0.append("flush") }
                    done.resume()
                }
                order.withLock { $0.append("call") }
            }
        }
        #expect(order.withLock { $0 } == ["call", "flush"])
    }
}
