/// The variables that more than one program reads.
package enum KnownVariables {
    /// Reads all of them; what it finds out is of interest to `.env.example` and to the search for typos.
    package static func read(_ values: inout ConfigurationValues) {
        let settings = ProcessSettings(reading: &values)
        _ = TelemetryConfiguration(reading: &values, logLevel: settings.logLevel)
        // NODE_ENV is only asked for when APP_ENV is absent.
        _ = values.optionalString("NODE_ENV")
        _ = PostgresConfiguration(reading: &values)
        _ = RedisConfiguration(reading: &values)
        _ = TwilioConfiguration(reading: &values)
        _ = QueueConfiguration(reading: &values)
        _ = ConsumerConfiguration(reading: &values)
        _ = ReplyConfiguration(reading: &values)
        _ = BackfillConfiguration(reading: &values)
        _ = OTPConfiguration(reading: &values)
        _ = ConversationConfiguration(reading: &values)
        _ = EventsConfiguration(reading: &values)
        _ = RetentionConfiguration(reading: &values)
        _ = RelayConfiguration(reading: &values)
        _ = TracingConfiguration(reading: &values)
        _ = ConsoleConfiguration(reading: &values)
        _ = MigrationFolder.given(by: &values)
    }

    /// Variables that are set, mean nothing to us, and differ little from one of ours that is not set.
    ///
    /// `TWILLIO_AUTH_TOKEN` is found, and thought to be meant as `TWILIO_AUTH_TOKEN`. `own` is what a process has read.
    package static func suspectedTypos(
        in environment: [String: String], own: ConfigurationValues? = nil
    ) -> [(found: String, meant: String)] {
        var values = ConfigurationValues(environment: [:])
        read(&values)
        let secrets = values.secretNames.union(own?.secretNames ?? [])
        let known = values.namesRead.union(own?.namesRead ?? []).union(secrets.map { $0 + "_FILE" })
        let missing = known.filter { environment[$0, default: ""].isEmpty && $0.utf8.count >= 7 }.sorted()
        let unknown = environment.keys.filter { !known.contains($0) && (6...60).contains($0.utf8.count) }.sorted()
        return unknown.compactMap { found in
            missing.first { distance(Array(found.utf8), Array($0.utf8), limit: 2) <= 2 }.map { (found, $0) }
        }
    }

    /// How many letters must be inserted, removed, replaced or swapped with their neighbour; `limit + 1` for "more".
    private static func distance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
        if abs(a.count - b.count) > limit || a.first != b.first { return limit + 1 }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
                row.append(cost)
            }
            if row.allSatisfy({ $0 > limit }) { return limit + 1 }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
