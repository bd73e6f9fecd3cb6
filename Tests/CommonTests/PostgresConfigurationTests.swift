import Common
import Testing

@Suite struct PostgresConfigurationTests {
    @Test func aURLIsReadAsLibpqReadsIt() throws {
        let url =
            "postgresql://me:p%40ss%2Fword@db.example:6432/claims?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3"
        let configuration = try PostgresConfiguration(url: Secret(url))
        #expect(configuration.host == "db.example")
        #expect(configuration.port == 6432)
        #expect(configuration.user == "me")
        #expect(configuration.password == Secret("p@ss/word"))
        #expect(configuration.database == "claims")
        #expect(configuration.sslMode == .verifyFull)
        #expect(configuration.sslRootCert == "/ca.pem")
        #expect(configuration.connectTimeout == .seconds(3))
        let socket = try PostgresConfiguration(url: Secret("postgres://me@/claims?host=/run/postgresql"))
        #expect(socket.host == "/run/postgresql")
        #expect(socket.database == "claims")
        #expect(try PostgresConfiguration(url: Secret("postgres://[::1]:5433")).host == "::1")
    }

    @Test(arguments: [
        "", "mysql://hunter2@db", "postgres://me:hunter2@db:port/x", "postgres://me:hunter2@a,b/x",
        "postgres://me:hunter2@db/x?sslmode=hunter2", "postgres://me:hunter2@db/x?hunter2=1",
        "postgres://me:hunter2%zz@db/x",
        "postgres://me:hunter2@db:99999/x", "host=db password=hunter2",
    ])
    func whatIsWrongWithAURLIsSaidWithoutIt(url: String) {
        let error = #expect(throws: PostgresURLError.self) { try PostgresConfiguration(url: Secret(url)) }
        #expect(error?.description.isEmpty == false)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func namesOfSchemasNeedNoQuoting() {
        for name in ["whatsapp_handler", "a", "_x9"] { #expect(PostgresConfiguration.isSchema(name)) }
        for name in ["", "9a", "Upper", "a-b", "a b", "a,b", "pg_x", "é", String(repeating: "a", count: 64)] {
            #expect(!PostgresConfiguration.isSchema(name))
        }
    }
}
