import Glibc
import QueueModel
import TestSupport
import Testing

/// One after the other: a search keeps a core busy for seconds.
@Suite(.serialized) enum QueueModelTests {
    /// `CHAOS=long`: farther searches and more walks, for minutes.
    static let isLong = environment("CHAOS") == "long"

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension QueueModelTests {
    /// The protocol's invariants in every state that small worlds can reach.
    @Suite struct SearchTests {
        /// Every state of the quick scopes is visited, and one in 8 or 16 is drained to see that it can be.
        ///
        /// They have a fault at any point for two senders, three messages and two workers; two faults for a single sender;
        /// calls cut off in the middle; operators at work. `CHAOS=long` has two faults with two senders, 7 million states;
        /// `swift run -c release QueueSearch` does the same in minutes, and drains every one of them.
        @Test(arguments: isLong ? Scope.long : Scope.quick)
        func everyReachableStateKeepsTheInvariants(scope: Scope) async {
            let start = ContinuousClock.now
            let result = await computing { Search.run(scope) }
            print("\(result); \(ContinuousClock.now - start)")
            #expect(result.isComplete)
            #expect(result.broken == nil, "\(result)")
            #expect(result.states > 10_000, "the search has gone nowhere")
        }

        /// A search that finds nothing is worth what it would find.
        @Test(arguments: Mutation.all)
        func aMistakeInTheProtocolIsFound(mutation: Mutation) async throws {
            let result = await computing { Search.run(mutation.scope) }
            let broken = try #require(result.broken, "\(mutation) goes unnoticed in \(result.states) states")
            #expect(mutation.expected.contains(broken), "\(result)")
            #expect(!result.counterexample.isEmpty)
        }

        /// The same scope without the mistake has to be sound, or the mistake would not be what was found.
        @Test(arguments: Mutation.all)
        func withoutTheMistakeTheSameScopeIsSound(mutation: Mutation) async {
            let result = await computing {
                var scope = mutation.scope
                scope.rules.bugs = []
                scope.limit = 3_000
                return Search.run(scope)
            }
            #expect(result.broken == nil)
        }
    }
}
