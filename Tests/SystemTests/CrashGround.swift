import TestSupport
import Testing

/// One Postgres for all crash tests, two of which run at a time.
struct CrashGround: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await SharedPostgres.share(atOnce: 2, function)
    }
}

extension Trait where Self == CrashGround {
    static var crashGround: Self { CrashGround() }
}
