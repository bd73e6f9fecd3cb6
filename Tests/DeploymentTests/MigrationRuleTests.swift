import Glibc
import TestSupport
import Testing

/// Migrations only add, so that the release before runs with them: docs/migrations.md.
@Suite struct MigrationRuleTests {
    @Test func oursKeepTheRule() async throws {
        let seen = try await PythonProgram.checkDeployment("migrations", PythonProgram.root + "/migrations")
        #expect(seen.hasSuffix("migrations"))
    }

    @Test(
        arguments: [
            ("DROP TABLE users;", "drops table"),
            ("ALTER TABLE users ADD COLUMN x int, DROP COLUMN phone_number;", "drops column"),
            ("ALTER TABLE users DROP phone_number;", "drops phone_number"),
            ("alter table users\n  rename column sender to address;", "renames sender"),
            ("ALTER TABLE users RENAME TO people;", "renames people"),
            ("ALTER TABLE users ALTER COLUMN fence TYPE integer;", "changes the type of fence"),
            ("ALTER TABLE users ALTER fence SET DATA TYPE integer;", "changes the type of fence"),
            ("ALTER TABLE users ALTER COLUMN phone_number SET NOT NULL;", "makes phone_number required"),
            ("ALTER TABLE users ADD COLUMN age integer NOT NULL;", "adds age, required and without a default"),
            ("/* ; */ DROP FUNCTION take_turn(uuid); -- contract: later", "drops function"),
            ("TRUNCATE users;", "empties users"),
        ]) func whatTakesAwayIsRefused(sql: String, said: String) async throws
    {
        let found = try await verdict(sql)
        #expect(found.contains(said), "\(found)")
    }

    @Test(
        arguments: [
            "CREATE TABLE t (n int NOT NULL); -- DROP TABLE users",
            "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0, ADD COLUMN shoe integer;",
            "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (fence >= 0);",
            "ALTER TABLE users ALTER COLUMN sender DROP NOT NULL;",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DROP TABLE mine; $$;",
            "COMMENT ON TABLE users IS 'RENAME TO nothing; DROP TABLE users';",
            "-- contract: since 1.4.0, nothing has read it since then\nALTER TABLE users DROP COLUMN display_name;",
        ]) func whatAddsOrSaysSoIsFine(sql: String) async throws
    {
        #expect(try await verdict(sql) == "1 migrations")
    }

    private func verdict(_ sql: String) async throws -> String {
        try await withTemporaryDirectory { folder in
            guard let file = fopen(folder + "/0001_first.up.sql", "w") else { throw HarnessError("no file") }
            fputs(sql + "\n", file)
            fclose(file)
            do { return try await PythonProgram.checkDeployment("migrations", folder) } catch {
                return "\(error)"
            }
        }
    }
}
