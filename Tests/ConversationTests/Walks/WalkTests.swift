import Glibc
import TestSupport
import Testing

@testable import Conversation

/// A thousand passengers and more, each with a hundred messages; a failing seed is a test case that replays exactly.
@Suite struct WalkTests {
    private static let length = 100
    private static let rules = WalkRules()

    /// `WALK_SEEDS=50000` walks further than usual.
    private static let seeds = UInt64(0)..<(getenv("WALK_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 1000)

    /// Where walks came, what was done and what was said.
    private struct Coverage {
        var places: Set<String> = []
        var deeds: Set<String> = []
        var replies: Set<String> = []

        mutating func note(_ step: Walk.Step) {
            places.insert(step.after.placeName)
            for deed in step.transition.deeds {
                deeds.insert(Mirror(reflecting: deed).children.first?.label ?? "\(deed)")
            }
            if let reply = step.reply { replies.formUnion(reply.names) }
        }

        mutating func add(_ other: Coverage) {
            places.formUnion(other.places)
            deeds.formUnion(other.deeds)
            replies.formUnion(other.replies)
        }
    }

    /// Every rule after every message; and the walks are worth something only if they come everywhere.
    @Test func theRulesHold() async throws {
        let coverage = try await withThrowingTaskGroup(of: Coverage.self) { group in
            for bundle in UInt64(0)..<2 {
                group.addTask {
                    try await computing {
                        var coverage = Coverage()
                        for seed in Self.seeds where seed % 2 == bundle {
                            var walk = Walk(seed: seed)
                            try walk.go(Self.length) { step in
                                try Self.rules.verify(step)
                                coverage.note(step)
                            }
                        }
                        return coverage
                    }
                }
            }
            return try await group.reduce(into: Coverage()) { $0.add($1) }
        }
        // Fewer walks, which somebody asked for, may miss something.
        guard Self.seeds.count >= 1000 else { return }
        let (places, deeds, replies) = (coverage.places, coverage.deeds, coverage.replies)
        for place in World.allPlaceNames {
            let isReached = places.contains(place)
            #expect(isReached, "no walk came to \(place)")
        }
        for deed in [
            "registerUser", "acceptTerms", "setPhone", "issueCode", "recordWrongCode", "consumeCode", "optOut", "optIn",
            "submitClaim", "withdrawClaim", "changePreference", "eraseUser",
        ] {
            #expect(deeds.contains(deed), "no walk did \(deed)")
        }
        for reply in [
            "welcome", "termsQuestion", "declined", "phoneQuestion", "codeSent", "codeQuestion", "codeWrong",
            "codeBurned",
            "codeExpired", "codeMissing", "codeDelayed", "codeLimitReached", "codeLocked", "help", "loggedOut",
            "optedOut",
            "settings", "erasureQuestion", "erased", "nothingDeleted", "introduction", "welcomeBack", "optedIn",
            "startingAgain", "termsAccepted", "termsLink", "verified", "menuLater", "numberUnreadable", "numberFixed",
            "notUnderstood", "cannotRead", "kept", "claimLater", "claimsLater", "claimKept", "claimDropped",
            "claimStatus", "question", "stationChoice", "timeChoice", "summary", "submitted", "cancelled", "status",
            "withdrawal", "changeWhat", "noted", "dateUnreadable", "dateFuture", "dateTooOld", "timeUnreadable",
            "delayNone", "fareOutOfRange", "stationUnknown", "sameStation", "neededFirst", "firstQuestion",
            "photoRefused", "photoNoted", "skipped",
        ] {
            let isHeard = replies.contains(reply)
            #expect(isHeard, "no walk heard \(reply)")
        }
    }

    /// The rules notice what they are there for: each of these machines is broken in one way.
    @Test(arguments: Fault.allCases)
    func aBrokenMachineIsNoticed(fault: Fault) async {
        let isNoticed = await computing {
            let rules = WalkRules()
            var isNoticed = false
            for seed in UInt64(0)..<100 where !isNoticed {
                var walk = Walk(seed: seed)
                walk.world.fault = fault
                do { try walk.go(Self.length) { try rules.verify($0) } } catch { isNoticed = error is BrokenRule }
            }
            return isNoticed
        }
        #expect(isNoticed, "\(fault) goes unnoticed")
    }
}
