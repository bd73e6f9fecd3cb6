import Common
import FoundationEssentials
import Glibc
import NIOHTTP1
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `operator backfill` against the simulator's list.
@Suite(.serialized) struct BackfillOperatorTests {
    private struct Report: Decodable {
        struct Missing: Decodable {
            var messageSid: String
            var sender: String
            var media: Int
        }
        var dryRun: Bool
        var found: Int
        var pushed: Int
        var missing: [Missing]
    }

    @Test(.timeLimit(.minutes(2)))
    func whatIsMissingIsShownThenPushedAndHandledOnce() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            for text in ["hi", "a secret word"] { try await write(text, product) }
            try await until("the messages are a second old") {
                let look = try await run(product, "--since", "1h", "--dry-run", "--json")
                return try report(look).found == 2
            }
            let text = try await run(product, "--since", "1h", "--dry-run")
            #expect(text.code == 0, "\(text.error)")
            #expect(text.output.contains("whatsapp:+4477…123") && text.output.contains("2 missing, nothing pushed"))
            #expect(!text.output.contains("7700900123") && !text.output.contains("secret"))
            #expect(try await depth(product) == 0)
            let other = try await run(product, "--since", "1h", "--dry-run", "--json", "--sender", "+447700900999")
            #expect(try report(other).found == 0)
            let later = try await run(product, "--since", "3d", "--until", "2d", "--json")
            #expect(try report(later).found == 0)

            // Twice: there are two copies of each in the queue, and each is handled once.
            for _ in 1...2 {
                let push = try await run(product, "--since", "1h", "--json", "--sender", "+447700900123")
                let pushed = try report(push)
                #expect(pushed.pushed == 2 && !pushed.dryRun)
            }
            #expect(try await depth(product) == 4)
            let worker = try await product.start(.worker)
            try await until("both are answered") {
                try await product.replies(to: "whatsapp:+447700900123").count >= 2
            }
            try await until("the queue is empty") {
                let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
                return try await depth(product) == 0 && owned == 0
            }
            #expect(try await product.replies(to: "whatsapp:+447700900123").count == 2)
            let after = try await run(product, "--since", "1h", "--json")
            #expect(try report(after).found == 0)
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func aReaderIsWaitedForAndFailuresSayWhatToDo() async throws {
        try await withProduct { product in
            try await product.postgres.psql(
                """
                INSERT INTO whatsapp_handler.backfill_watermark (read_until, owner, leased_until)
                VALUES (now(), 'worker 7', now() + interval '1 h')
                """, database: product.database)
            let busy = try await run(product, "--since", "1h", "--wait", "0")
            #expect(busy.code == 1 && busy.error.contains("worker 7 still reads"))
            try await product.postgres.psql(
                "UPDATE whatsapp_handler.backfill_watermark SET leased_until = now() + interval '1 s'",
                database: product.database)
            let simulator = try await product.start(.simulator)
            let waited = try await run(product, "--since", "1h")
            #expect(waited.code == 0, "\(waited.error)")
            #expect(waited.error.contains("worker 7 reads Twilio's list: waiting"))
            let refused = try await run(
                product, "--since", "1h", "--dry-run", environment: ["TWILIO_AUTH_TOKEN": "wrong"])
            #expect(refused.code == 1 && refused.error.contains("TWILIO_AUTH_TOKEN"))
            let unset = try await run(product, "--since", "1h", environment: ["TWILIO_AUTH_TOKEN": ""])
            #expect(unset.code == 1 && unset.error.contains("TWILIO_AUTH_TOKEN"))
            let tooOld = try await run(product, "--since", "91d", "--dry-run")
            #expect(tooOld.code == 2 && tooOld.error.contains("RETENTION_DAYS"))
            try await simulator.stop(SIGTERM)
        }
    }

    private struct Run: Sendable {
        let code: Int32?
        let output: String
        let error: String
    }

    private func run(
        _ product: Product, _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Run {
        let all = product.environment(.worker).merging(["BACKFILL_DELAY_SECONDS": "1"]) { $1 }
            .merging(environment) { $1 }
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(
                ["-i"] + all.map { "\($0.key)=\($0.value)" }.sorted() + ["\(Product.programs)/operator", "backfill"]
                    + arguments), output: .string(limit: 1_000_000), error: .string(limit: 100_000))
        guard case .exited(let code) = result.terminationStatus else {
            return Run(code: nil, output: "", error: "killed")
        }
        return Run(code: code, output: result.standardOutput, error: result.standardError)
    }

    private func report(_ run: Run) throws -> Report {
        guard run.code == 0 else { throw HarnessError("operator: \(run.error)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Report.self, from: Data(run.output.utf8))
    }

    private func write(_ text: String, _ product: Product) async throws {
        let answer = try await product.http.send(
            HTTPRequest(
                .POST, product.url(.simulator, "/api/passengers/p1/messages"),
                body: Array(#"{"text":"\#(text)"}"#.utf8)))
        #expect(answer.status == 201)
    }

    private func depth(_ product: Product) async throws -> Int? {
        try await product.redisCommand("LLEN", "{wa:0}:in").int
    }
}
