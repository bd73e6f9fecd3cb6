import Common
import Glibc
import Logging
import TestSupport
import Testing

@Suite struct ConfigurationValuesTests {
    /// Names of the variables that `read` finds problems with, in order.
    private func problems(
        _ environment: [String: String], _ read: (inout ConfigurationValues) -> Void
    ) -> [String] {
        var values = ConfigurationValues(environment: environment)
        read(&values)
        do {
            try values.check()
            return []
        } catch {
            return error.problems.map(\.name)
        }
    }

    private let required = [
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001", "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_WHATSAPP_NUMBER": "whatsapp:+14155238886", "PUBLIC_BASE_URL": "https://example.org/in/",
        "OTP_SECRET": String(repeating: "x", count: 32), "TERMS_URL": "https://example.org/terms",
        "TERMS_VERSION": "1", "DATABASE_URL": "postgres://u:p@db.example.org/d",
        "REDIS_URL": "redis://redis.example.org",
    ]

    @Test func allProblemsAreReportedAtOnceByNameAndWithoutValues() throws {
        var values = ConfigurationValues(environment: [
            "PORT": "hunter2", "LOG_LEVEL": "hunter3", "OTP_SECRET": "hunter4", "TWILIO_AUTH_TOKEN": "fine",
            "TWILIO_API_KEY_SID": "hunter5", "TERMS_URL": "ftp://hunter6",
            "DATABASE_URL": "postgres://hunter7@h:x/hunter8",
        ])
        _ = ProcessSettings(reading: &values)
        KnownVariables.read(&values)
        let error = #expect(throws: ConfigurationProblems.self) { try values.check() }
        let text = try #require(error?.description)
        #expect(
            text == """
                configuration has 12 problems:
                  - PORT: expected a number from 0 to 65535
                  - LOG_LEVEL: expected one of trace, debug, info, notice, warning, error, critical
                  - DATABASE_URL: its port is not a number from 1 to 65535
                  - REDIS_URL: missing; expected redis://[user:password@]host[:port][/database], or rediss://
                  - TWILIO_ACCOUNT_SID: missing; expected AC and 32 hexadecimal digits
                  - TWILIO_API_KEY_SID: expected SK and 32 hexadecimal digits
                  - TWILIO_API_KEY_SECRET: missing; expected beside TWILIO_API_KEY_SID
                  - TWILIO_WHATSAPP_NUMBER: missing; expected whatsapp: and a number in E.164
                  - PUBLIC_BASE_URL: missing; expected an http or https address
                  - OTP_SECRET: expected at least 32 characters
                  - TERMS_URL: expected an http or https address
                  - TERMS_VERSION: missing; expected 1 to 64 characters
                """)
        #expect(!text.contains("hunter"))
    }

    @Test func defaultsAreThoseOfTheDesign() throws {
        var values = ConfigurationValues(environment: required)
        let settings = ProcessSettings(reading: &values)
        #expect(settings.serviceName == "whatsapp-handler")
        #expect(settings.appEnvironment == .development)
        #expect(settings.port == 3000)
        #expect(settings.metricsPort == nil)
        #expect(settings.logLevel == .info)
        #expect(settings.shutdownGrace == .seconds(10))
        let twilio = TwilioConfiguration(reading: &values)
        #expect(twilio.apiBaseURL == "https://api.twilio.com")
        #expect(twilio.publicBaseURL == "https://example.org/in")
        #expect(twilio.maximumMessagesPerSecond == 80)
        #expect(twilio.credentials.user == twilio.accountSID)
        let queue = QueueConfiguration(reading: &values)
        #expect(queue.shards == 1)
        #expect(queue.lease == .seconds(20))
        #expect(ReplyConfiguration(reading: &values).unknownLimit == .seconds(150))
        let relay = RelayConfiguration(reading: &values)
        #expect(relay.sinks == [.redis])
        #expect(relay.redisStream.stream == "whatsapp_handler.events")
        try values.check()
    }

    @Test func emptyIsUnset() throws {
        let empty = Dictionary(uniqueKeysWithValues: required.keys.map { ($0, "") })
        let missing = problems(empty) { KnownVariables.read(&$0) }
        #expect(Set(missing) == Set(required.keys))
        #expect(problems(["PORT": "", "METRICS_PORT": "", "APP_ENV": ""]) { _ = ProcessSettings(reading: &$0) } == [])
    }

    @Test func nodeEnvironmentCountsWhenAppEnvironmentIsAbsent() {
        func read(_ environment: [String: String]) -> ProcessSettings.AppEnvironment {
            var values = ConfigurationValues(environment: environment)
            return ProcessSettings(reading: &values).appEnvironment
        }
        #expect(read(["NODE_ENV": "production"]) == .production)
        #expect(read(["NODE_ENV": "production", "APP_ENV": ""]) == .production)
        #expect(read(["NODE_ENV": "production", "APP_ENV": "test"]) == .test)
        #expect(problems(["NODE_ENV": "staging"]) { _ = ProcessSettings(reading: &$0) } == ["NODE_ENV"])
        #expect(problems(["NODE_ENV": "staging", "APP_ENV": "test"]) { _ = ProcessSettings(reading: &$0) } == [])
    }

    @Test(arguments: ["0", "65536", "-1", "+1", "1.5", " 80", "80 ", "٣", "0x50", "9999999999999999999999"])
    func numbersOutOfRangeAndOddOnesAreRefused(text: String) {
        #expect(problems(["X": text]) { _ = $0.int("X", in: 1...65535) } == ["X"])
    }

    @Test func secretsMayComeFromAFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/secret"
            try write("s3cret value\r\n\n", to: path)
            var values = ConfigurationValues(environment: ["A_FILE": path])
            #expect(values.secret("A").value == "s3cret value")
            try values.check()

            #expect(problems(["A_FILE": directory + "/none"]) { _ = $0.secret("A") } == ["A_FILE"])
            #expect(problems(["A_FILE": directory]) { _ = $0.secret("A") } == ["A_FILE"])
            #expect(problems(["A_FILE": path, "A": "x"]) { _ = $0.secret("A") } == ["A"])
            #expect(problems(["A_FILE": path]) { _ = $0.secret("A", minimumLength: 13) } == ["A"])
            try write("\n", to: path)
            #expect(problems(["A_FILE": path]) { _ = $0.optionalSecret("A") } == ["A_FILE"])
        }
    }

    @Test func plainHTTPToTwilioOnlyOnThisMachine() {
        func refused(_ url: String) -> Bool {
            var environment = required
            environment["TWILIO_API_BASE_URL"] = url
            return problems(environment) { _ = TwilioConfiguration(reading: &$0) } == ["TWILIO_API_BASE_URL"]
        }
        for good in [
            "https://api.twilio.com", "http://127.0.0.1:3900", "http://localhost/", "http://[::1]:1",
            "http://127.9.9.9",
            "HTTPS://API.TWILIO.COM",
        ] {
            #expect(!refused(good), "\(good)")
        }
        for bad in [
            "http://api.twilio.com", "http://127.0.0.1.example.org", "http://10.0.0.1", "http://localhost.example.org",
            "ftp://127.0.0.1", "https://user:pw@api.twilio.com", "https://api.twilio.com?x=1", "https://",
            "https://a b",
            "http://localhost:0", "http://localhost:x", "http://[::1", "http://127.0.0.1@example.org", "api.twilio.com",
            "https:/api.twilio.com", "http://0x7f.1",
        ] {
            #expect(refused(bad), "\(bad)")
        }
    }

    @Test(arguments: [
        "+14155238886", "whatsapp:14155238886", "whatsapp:+0123456789", "whatsapp:+1415523888612345", "whatsapp:+1 415",
    ])
    func whatsAppNumbersAreChecked(text: String) {
        var environment = required
        environment["TWILIO_WHATSAPP_NUMBER"] = text
        #expect(problems(environment) { _ = TwilioConfiguration(reading: &$0) } == ["TWILIO_WHATSAPP_NUMBER"])
    }

    @Test func sinksAreAListOfWhatTheProgramHas() {
        func refused(_ sinks: String, builtIn: Set<RelayConfiguration.Sink> = [.redis]) -> Bool {
            problems(["RELAY_SINKS": sinks]) { _ = RelayConfiguration(reading: &$0, builtIn: builtIn) }
                .contains("RELAY_SINKS")
        }
        for text in [",", "redis,amqp", "redis;webhook", "REDIS", "redis,kafka", "webhook"] {
            #expect(refused(text), "\(text)")
        }
        #expect(!refused(" redis , redis"))
        #expect(!refused("kafka,redis", builtIn: [.redis, .kafka]))
        var values = ConfigurationValues(environment: ["RELAY_SINKS": "kafka"])
        _ = RelayConfiguration(reading: &values, builtIn: [.redis])
        let thrown = #expect(throws: ConfigurationProblems.self) { try values.check() }
        #expect("\(thrown as Any)".contains("the sink kafka is not built into this program"))
    }

    @Test func aWebhookNeedsItsAddressAndASecret() throws {
        let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        func read(_ more: [String: String]) -> [String] {
            let given = [
                "RELAY_SINKS": "redis,webhook", "RELAY_WEBHOOK_URL": "https://example.org/in",
                "RELAY_WEBHOOK_SECRET": secret,
            ]
            return problems(given.merging(more) { $1 }) { _ = RelayConfiguration(reading: &$0) }
        }
        #expect(read([:]) == [])
        #expect(read(["RELAY_WEBHOOK_SECRET": "whsec_" + secret, "RELAY_WEBHOOK_SECRET_SECONDARY": secret]) == [])
        #expect(read(["RELAY_WEBHOOK_URL": ""]) == ["RELAY_WEBHOOK_URL"])
        #expect(read(["RELAY_WEBHOOK_SECRET": ""]) == ["RELAY_WEBHOOK_SECRET"])
        #expect(read(["RELAY_WEBHOOK_SECRET": "short"]) == ["RELAY_WEBHOOK_SECRET"])
        #expect(read(["RELAY_WEBHOOK_SECRET_SECONDARY": "short"]) == ["RELAY_WEBHOOK_SECRET_SECONDARY"])
        #expect(read(["RELAY_WEBHOOK_URL": "http://example.org"]) == [])
        for production in [["APP_ENV": "production"], ["NODE_ENV": "production"]] {
            let plain = production.merging(["RELAY_WEBHOOK_URL": "http://127.0.0.1:80"]) { $1 }
            #expect(read(plain) == ["RELAY_WEBHOOK_URL"])
        }
        #expect(read(["RELAY_PARKED_POLICY": "drop"]) == ["RELAY_PARKED_POLICY"])
        #expect(read(["RELAY_SINKS": "redis", "RELAY_WEBHOOK_URL": "", "RELAY_WEBHOOK_SECRET": ""]) == [])
    }

    @Test func theDatabaseMayBeGivenInParts() throws {
        func read(_ environment: [String: String]) throws -> PostgresConfiguration {
            var values = ConfigurationValues(environment: environment)
            let configuration = PostgresConfiguration(reading: &values)
            try values.check()
            return configuration
        }
        let parts = try read(["PGHOST": "db", "PGUSER": "u", "PGPASSWORD": "p", "PGSSLMODE": "verify-full"])
        #expect(parts.host == "db" && parts.port == 5432 && parts.user == "u" && parts.database == "u")
        #expect(parts.password == Secret("p") && parts.sslMode == .verifyFull && parts.schema == "whatsapp_handler")
        let url = "postgres://a:b@h:1/d"
        let whole = try read(["DATABASE_URL": url, "PGHOST": "db", "PGSSLMODE": "require", "DATABASE_SCHEMA": "s"])
        #expect(whole.host == "h" && whole.database == "d" && whole.sslMode == .require && whole.schema == "s")
        #expect(try read(["DATABASE_URL": url + "?sslmode=disable", "PGSSLMODE": "require"]).sslMode == .disable)
        #expect(problems(["PGUSER": "u"]) { _ = PostgresConfiguration(reading: &$0) } == ["DATABASE_URL"])
        #expect(
            problems(["DATABASE_URL": "mysql://x", "DATABASE_SCHEMA": "A b", "PGSSLROOTCERT": "/none"]) {
                _ = PostgresConfiguration(reading: &$0)
            } == ["PGSSLROOTCERT", "DATABASE_SCHEMA", "DATABASE_URL"])
    }

    @Test func aRedisAddressIsChecked() throws {
        var values = ConfigurationValues(environment: ["REDIS_URL": "rediss://:p@r:1/2"])
        let redis = RedisConfiguration(reading: &values)
        try values.check()
        #expect(redis.usesTLS && redis.host == "r" && redis.port == 1 && redis.database == 2 && redis.caFile == nil)
        #expect(
            problems(["REDIS_URL": "http://hunter2", "REDIS_TLS_CA_FILE": "/none"]) {
                _ = RedisConfiguration(reading: &$0)
            } == ["REDIS_URL", "REDIS_TLS_CA_FILE"])
    }

    @Test func misspelledNamesAreSuspected() {
        let found = KnownVariables.suspectedTypos(in: [
            "TWILLIO_AUTH_TOKEN": "x", "TERMS_VERISON": "1", "OTP_SECRET_FIEL": "/x", "PATH": "/bin", "HOME": "/",
            "HOSTNAME": "h", "RAILWAY_PUBLIC_DOMAIN": "d", "TERMS_URLS": "u", "TERMS_URL": "set",
        ])
        #expect(
            found.map { "\($0.found)>\($0.meant)" } == [
                "OTP_SECRET_FIEL>OTP_SECRET_FILE", "TERMS_VERISON>TERMS_VERSION",
                "TWILLIO_AUTH_TOKEN>TWILIO_AUTH_TOKEN",
            ])
    }

    @Test func theProcessEnvironmentIsReadWhole() {
        setenv("WA_TEST_VARIABLE", "a=b=c", 1)
        #expect(ProcessEnvironment.current["WA_TEST_VARIABLE"] == "a=b=c")
        #expect(ProcessEnvironment.current["PATH"] == String(cString: getenv("PATH")))
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
}
