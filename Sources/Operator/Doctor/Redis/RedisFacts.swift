import Common

/// What one Redis says of itself: fields of INFO.
struct RedisFacts: Hashable, Sendable {
    var version: String
    /// `master` or `slave`.
    var role: String
    var isLoading: Bool
    /// Nil when it does not say.
    var isAppendOnly: Bool?
    var lastAppendOK: Bool
    var lastSaveOK: Bool
    /// `maxmemory_policy`; nil when it does not say.
    var eviction: String?
    /// 0 for no limit.
    var maximumMemory: Int
    var usedMemory: Int
    var isCluster: Bool
    var replicas: Int

    init(info: String) {
        func word(_ name: String) -> String? { info.infoValue(name).map { String($0) } }
        func number(_ name: String) -> Int { word(name).flatMap { Int($0) } ?? 0 }
        let policy = RedisPolicy(info: info)
        version = word("redis_version") ?? ""
        role = word("role") ?? ""
        isLoading = number("loading") == 1
        isAppendOnly = policy.isAppendOnly
        lastAppendOK = word("aof_last_write_status") != "err"
        lastSaveOK = word("rdb_last_bgsave_status") != "err"
        eviction = policy.eviction
        maximumMemory = number("maxmemory")
        usedMemory = number("used_memory")
        isCluster = number("cluster_enabled") == 1
        replicas = number("connected_slaves")
    }
}
