import Common
import Glibc
import TestSupport
import Testing

/// The drill of docs/backup-and-restore.md: the database server is lost, and its last backup is restored into an empty one.
@Suite(.serialized) struct BackupTests {
    private let quick = [
        "BACKFILL_DELAY_SECONDS": "1", "BACKFILL_INTERVAL_SECONDS": "2", "QUEUE_LEASE_SECONDS": "2",
    ]

    @Test(.timeLimit(.minutes(4)))
    func afterTheLossOfTheDatabaseNoMessageIsLostAndWhatWasBackedUpIsAnsweredOnce() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            var others = [try await product.start(.worker, quick), try await product.start(.relay)]
            let ada = Passenger.first(product)
            let bea = try await Passenger.new("Bea", "+447700900456", product)
            var sids = try await ada.register()
            sids.append(try await ada.say("help"))
            try await until("the list was read") {
                try await !psql(product, "SELECT read_until FROM whatsapp_handler.backfill_watermark").isEmpty
            }
            try await until("the events are on the stream") { try await product.events().count == 2 }

            let file = product.directory + "/backup.dump"
            let backup = try await Script.run(["scripts/backup", file], environment: environment(product))
            #expect(backup.ending == .exit(0), "\(backup.text)")

            // What only the lost server knew: a question that was answered, and a person.
            let later = [try await ada.say("what?")] + (try await bea.register())
            try await until("her events are on the stream too") { try await product.events().count == 4 }
            try await product.postgres.kill()
            // Accepted by Redis while there is no database.
            let waiting = try await ada.write("help")
            try await until("it is in the queue") { try await queued(product) > 0 }
            for process in others.reversed() { try await process.stop(SIGTERM) }

            try await withPostgres { empty in
                let product = product.moved(to: empty, database: try await empty.createDatabase())
                try await restore(file, product)
                // As twenty minutes later: until then the queue takes what it has seen for repetitions.
                for key in try await product.redisCommand("KEYS", "{wa:0}:dd:*").array?.compactMap(\.string) ?? [] {
                    try await product.redisCommand("DEL", RedisArgument(key))
                }
                try await relayWaitsUntilItIsTold(product, &others)
                others.append(try await product.start(.worker, quick))
                try await until("all are handled", within: .seconds(60)) {
                    try await handled(product).count == sids.count + later.count + 1
                }
                #expect(try await handled(product).prefix(sids.count) == sids[...])
                #expect(try await Set(handled(product)) == Set(sids + later + [waiting]))
                // Four before the backup, "what?" before the loss and once more after it, and "help".
                try await Passenger.first(product).replies(7)
                // Her registration is had again: welcome, a new code, and the old code, which is wrong by now.
                try await until("Bea has been asked for the new code") {
                    try await product.replies(to: bea.chat).count == 6
                }
                try await settled(product)
                #expect(try await product.replies(to: ada.chat).count == 7)
                #expect(try await product.replies(to: bea.chat).count == 6)
                #expect(try await product.replies(to: bea.number).count == 2)
                try await until("her registration is told again") { try await product.events().count == 5 }
                let verified = try await product.operator("outbox", "verify")
                #expect(!verified.isEmpty)
                for process in others.reversed() { try await process.stop(SIGTERM) }
            }
            for process in [ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatIsNotWholeOrInTheWayIsRefused() async throws {
        try await withProduct { product in
            let file = product.directory + "/backup.dump"
            #expect(
                try await Script.run(["scripts/backup", file], environment: environment(product)).ending == .exit(0))
            let again = try await Script.run(["scripts/backup", file], environment: environment(product))
            #expect(again.ending == .exit(2) && again.text.contains("is there already"), "\(again.text)")
            let full = try await Script.run(["scripts/restore", file], environment: environment(product))
            #expect(full.ending == .exit(1) && full.text.contains("Restore into an empty database"), "\(full.text)")

            let empty = product.moved(to: product.postgres, database: try await product.postgres.createDatabase())
            let other = environment(empty).merging(["DATABASE_SCHEMA": "elsewhere"]) { $1 }
            let elsewhere = try await Script.run(["scripts/restore", file], environment: other)
            #expect(elsewhere.ending == .exit(1) && elsewhere.text.contains("holds nothing of elsewhere"))
            // One byte in the middle of a table.
            let broken = try await Script.run(["bash", "-c", "printf x | dd of=\(file) bs=1 seek=9000 conv=notrunc"])
            #expect(broken.ending == .exit(0))
            let torn = try await Script.run(["scripts/restore", file], environment: environment(empty))
            #expect(torn.ending == .exit(1) && torn.text.contains("its SHA-256 is another"), "\(torn.text)")
            let there = "SELECT count(*) FROM pg_namespace WHERE nspname = 'whatsapp_handler'"
            #expect(try await psql(empty, there) == "0")
        }
    }

    private func restore(_ file: String, _ product: Product) async throws {
        let restore = try await Script.run(["scripts/restore", file], environment: environment(product))
        #expect(restore.ending == .exit(0), "\(restore.text)")
        #expect(restore.text.contains("operator outbox accept-restore"))
        let again = try await Script.run(["scripts/restore", file], environment: environment(product))
        #expect(again.ending == .exit(1), "\(again.text)")
        try await product.operator("migrate", "status", "--check", "--directory", "migrations")
    }

    /// The stream has Bea's events, which the restored log does not.
    private func relayWaitsUntilItIsTold(_ product: Product, _ processes: inout [ServerProcess]) async throws {
        let before = textOfFile(product.log(.relay)).count
        processes = [try await product.start(.relay, untilReady: false)]
        try await until("the relay says what it waits for", within: .seconds(40)) {
            textOfFile(product.log(.relay)).dropFirst(before).contains("was the database restored")
        }
        #expect(try await product.events().count == 4)
        #expect(try await product.operator("outbox", "accept-restore", "--yes").contains("the log is"))
    }

    private func environment(_ product: Product) -> [String: String] {
        ["DATABASE_URL": product.postgres.url(database: product.database)]
    }

    private func psql(_ product: Product, _ sql: String) async throws -> String {
        try await product.postgres.psql(sql, database: product.database)
    }

    private func handled(_ product: Product) async throws -> [String] {
        try await psql(
            product,
            "SELECT message_sid FROM whatsapp_handler.inbound_messages WHERE kind = 'message' ORDER BY sequence"
        ).split(separator: "\n").map(String.init)
    }

    /// Envelopes that no worker has in hand.
    private func queued(_ product: Product) async throws -> Int {
        let output = try await product.operator("queue", "stats", "--json")
        let waiting = try #require(output.firstMatch(of: /"waiting":([0-9]+)/)?.1)
        return Int(waiting) ?? 0
    }

    private func settled(_ product: Product) async throws {
        try await until("all is settled") {
            let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
            let waiting = try await product.redisCommand("LLEN", "{wa:0}:in").int
            return owned == 0 && waiting == 0
        }
    }
}
