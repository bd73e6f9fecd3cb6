import FoundationEssentials
import TestSupport
import Testing

/// What each release asks of the database, it can ask of the newest schema: docs/migrations.md.
///
/// `scripts/record-statements` writes the files, from what the built processes prepare while the system tests run.
@Suite struct StatementTests {
    private static let folder = PythonProgram.root + "/Tests/Fixtures"

    private static func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("statements-") }.sorted()
    }

    @Test func everyReleasesStatementsFitTheNewestSchema() async throws {
        try await withProduct { product in
            let files = try Self.files()
            #expect(!files.isEmpty)
            for file in files {
                let text = textOfFile(Self.folder + "/" + file)
                #expect(text.matches(of: /PREPARE s AS/).count >= 40, "\(file) has few statements")
                let run = try await prepare(file, product)
                #expect(run.ending == .exit(0), "\(file): \(run.text)")
            }
            // A migration that broke the rule would be noticed.
            try await product.postgres.psql(
                "ALTER TABLE whatsapp_handler.users RENAME COLUMN fence TO token", database: product.database)
            let broken = try await prepare(try #require(files.last), product)
            #expect(broken.ending == .exit(3) && broken.text.contains("fence"), "\(broken.text)")
        }
    }

    private func prepare(_ file: String, _ product: Product) async throws -> Script {
        try await Script.run(
            [
                try PostgresServer.programs() + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                product.postgres.url(database: product.database), "-f", Self.folder + "/" + file,
            ], environment: ["PGOPTIONS": "-csearch_path=whatsapp_handler"])
    }
}
