import TestSupport
import Testing

/// What all crash tests share: one Postgres with a migrated database to copy, and places for two tests at a time.
struct CrashGround: SuiteTrait, TestScoping {
    private struct Ground: Sendable {
        let postgres: PostgresServer
        let template: String
        let places: Places
    }

    @TaskLocal private static var ground: Ground?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withPostgres { postgres in
            let template = try await withProduct(on: postgres) { $0.database }
            let ground = Ground(postgres: postgres, template: template, places: Places(2))
            try await Self.$ground.withValue(ground) { try await function() }
        }
    }

    /// Runs `body` with a product of its own, when there is a place.
    static func product(_ body: (Product) async throws -> Void) async throws {
        guard let ground else { throw HarnessError("there is no ground outside the suite") }
        try await ground.places.take()
        let result: Result<Void, any Error>
        do {
            result = .success(try await withProduct(on: ground.postgres, template: ground.template, body))
        } catch {
            result = .failure(error)
        }
        await ground.places.giveBack()
        try result.get()
    }
}

extension Trait where Self == CrashGround {
    static var crashGround: Self { CrashGround() }
}

/// So many at a time, the others wait.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async throws {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
