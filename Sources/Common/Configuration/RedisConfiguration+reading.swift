import Glibc

extension RedisConfiguration {
    /// Reads where Redis is.
    ///
    /// - `REDIS_URL` (required, secret): `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS; of a
    ///   cluster any node, or several separated by commas
    /// - `REDIS_TLS_CA_FILE`: PEM file of the authorities to trust instead of the system's
    package init(reading values: inout ConfigurationValues) {
        self.init()
        let url = values.secret("REDIS_URL", expected: "redis://[user:password@]host[:port][/database], or rediss://")
        if !url.value.isEmpty {
            do throws(RedisURLError) { self = try Self(url: url) } catch {
                values.report("REDIS_URL", error.description)
            }
        }
        caFile = values.optionalString("REDIS_TLS_CA_FILE", expected: readableFile) { access($0, R_OK) == 0 }
    }
}
