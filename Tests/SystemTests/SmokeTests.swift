import Common
import Glibc
import TestSupport
import Testing

/// `scripts/smoke-test.sh`, the check after a deployment, asks the built processes.
@Suite(.serialized) struct SmokeTests {
    @Test(.timeLimit(.minutes(3)))
    func aRunningServicePassesAndABrokenOneDoesNot() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.ingest, .worker, .relay] {
                processes.append(try await product.start(program))
            }
            let signed = [
                "TWILIO_AUTH_TOKEN": Product.authToken, "TWILIO_ACCOUNT_SID": Product.accountSID,
                "PUBLIC_BASE_URL": Product.publicURL, "TWILIO_WHATSAPP_NUMBER": Product.whatsAppNumber,
            ]
            let ingest = try await smoke(product, product.url(.ingest, ""), signed)
            #expect(ingest.ending == .exit(0), "\(ingest.text)")
            #expect(ingest.text.contains("a signed webhook is taken") && !ingest.text.contains("FAIL"))
            for program in [Product.Program.worker, .relay] {
                let other = try await smoke(product, product.url(program, "/"), [:])
                #expect(other.ending == .exit(0), "\(other.text)")
                #expect(!other.text.contains("webhook"))
            }
            // The report that was taken is of no message: nothing came of it.
            try await until("the queue is empty") {
                try await product.redisCommand("LLEN", "{wa:0}:in").int == 0
            }

            for (variables, cause) in [
                (signed.merging(["TWILIO_AUTH_TOKEN": "another"]) { $1 }, "a signed webhook is taken: answered 403"),
                (signed.merging(["PUBLIC_BASE_URL": "https://elsewhere.example"]) { $1 }, "answered 403"),
                (["SERVICE_NAME": "another"], "/ names the service: has no"),
            ] {
                let run = try await smoke(product, product.url(.ingest, ""), variables)
                #expect(run.ending == .exit(1) && run.text.contains(cause), "\(run.text)")
            }
            // Redis, which ingest cannot do without, is away.
            await product.redis.process.send(SIGSTOP)
            let broken = try await smoke(product, product.url(.ingest, ""), [:])
            await product.redis.process.send(SIGCONT)
            #expect(
                broken.ending == .exit(1) && broken.text.contains("/health is healthy: answered 503"), "\(broken.text)")
            for process in processes.reversed() { try await process.stop(SIGTERM) }
            let gone = try await smoke(product, product.url(.ingest, ""), [:])
            #expect(gone.ending == .exit(1) && gone.text.contains("it can be reached"))
        }
    }

    @Test(arguments: [[], ["localhost"], ["http://a", "http://b"], ["ftp://a"]])
    func wrongUsageIsExplained(arguments: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let run = try await smoke(directory, arguments, [:])
            #expect(run.ending == .exit(2) && run.text.contains("usage: scripts/smoke-test.sh URL"))
        }
    }

    private func smoke(
        _ product: Product, _ url: String, _ variables: [String: String]
    ) async throws -> (ending: ServerProcess.Ending?, text: String) {
        try await smoke(product.directory, [url], variables)
    }

    private func smoke(
        _ directory: String, _ arguments: [String], _ variables: [String: String]
    ) async throws -> (ending: ServerProcess.Ending?, text: String) {
        let log = directory + "/smoke-\(UUID.random()).log"
        let process = ServerProcess(
            "env",
            ["-i", "PATH=/usr/bin:/bin"] + variables.map { "\($0.key)=\($0.value)" }
                + ["bash", "scripts/smoke-test.sh"] + arguments, log: log)
        try await process.start()
        let ending = try await process.end(within: .seconds(60))
        return (ending, try contents(of: log))
    }

    private func contents(of path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
