/// One Postgres for a whole suite, with a migrated database that each product copies: a second saved a test.
package struct SharedPostgres: Sendable {
    private let postgres: PostgresServer
    private let template: String
    private let places: Places

    @TaskLocal private static var current: SharedPostgres?

    /// Runs a suite; `atOnce` is how many of its products may be up together.
    ///
    /// `durable` says whether a commit survives the death of the server. The kernel has it by then, which is enough for
    /// that; waiting for the disk would only make the recovery of many databases take minutes.
    package static func share(
        durable: Bool = false, atOnce: Int, _ suite: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withPostgres(durable: durable, options: ["-c", "fsync=off"]) { postgres in
            let template = try await TestSupport.withProduct(on: postgres) { $0.database }
            let shared = SharedPostgres(postgres: postgres, template: template, places: Places(atOnce))
            try await $current.withValue(shared) { try await suite() }
        }
    }

    /// Runs `body` with a product of its own, when there is a place.
    package static func withProduct<R: Sendable>(
        redisOptions: [String] = ["--appendonly", "yes"], _ body: (Product) async throws -> R
    ) async throws -> R {
        guard let current else { throw HarnessError("there is no shared Postgres outside the suite") }
        await current.places.take()
        let result: Result<R, any Error>
        do {
            result = .success(
                try await TestSupport.withProduct(
                    on: current.postgres, template: current.template, redisOptions: redisOptions, body))
        } catch {
            result = .failure(error)
        }
        await current.places.giveBack()
        return try result.get()
    }
}

/// So many at a time, the others wait.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
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
