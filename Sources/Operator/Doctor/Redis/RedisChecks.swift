import Common

/// Whether Redis can be reached and logged in to.
struct RedisConnectionCheck: DoctorCheck {
    static let name = "connection"
    /// Why it cannot; nil when it can.
    let failure: String?
    var isEncrypted = false

    var findings: [Finding] {
        guard let failure else { return [.ok("connected" + (isEncrypted ? ", with TLS" : ", without TLS"))] }
        return [.problem("Redis cannot be reached: \(failure)", mend: mend(failure))]
    }

    private func mend(_ failure: String) -> String {
        if ["WRONGPASS", "NOAUTH", "AUTH"].contains(where: { failure.contains($0) }) {
            return "set user and password of REDIS_URL right: redis://user:password@host:port"
        }
        if failure.lowercased().contains("tls") || failure.lowercased().contains("certificate") {
            return
                "rediss:// is for a Redis with TLS, redis:// for one without; REDIS_TLS_CA_FILE names a private authority"
        }
        return "start it, or mend host and port in REDIS_URL; may this machine connect to it?"
    }
}

/// Whether the servers are of a release that has what we use.
struct RedisVersionCheck: DoctorCheck {
    static let name = "version"
    let versions: [String]

    var findings: [Finding] {
        let all = Set(versions).sorted().joined(separator: ", ")
        let oldest = versions.map(Self.numbers).min { $0.lexicographicallyPrecedes($1) } ?? []
        // BLMOVE, with which workers wait.
        if oldest.lexicographicallyPrecedes([6, 2]) {
            return [.problem("Redis \(all) is too old", mend: "use Redis 7.0 or later (6.2 works, without functions)")]
        }
        if oldest.lexicographicallyPrecedes([7, 0]) {
            return [
                .warning(
                    "Redis \(all) has no functions: ours run as scripts", mend: "use Redis 7.0 or later when you can")
            ]
        }
        return [.ok("Redis \(all)")]
    }

    private static func numbers(_ version: String) -> [Int] {
        version.split(separator: ".").prefix(3).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    }
}

/// Whether we are with servers that take writes.
struct RedisRoleCheck: DoctorCheck {
    static let name = "role"
    let roles: [String]
    let isLoading: Bool

    var findings: [Finding] {
        if roles.contains("slave") {
            return [
                .problem("REDIS_URL leads to a replica, which takes no writes", mend: "lead REDIS_URL to the master")
            ]
        }
        if isLoading {
            return [
                .problem(
                    "Redis reads its data back and serves nothing yet",
                    mend: "wait: INFO persistence says how long it will take")
            ]
        }
        return [.ok(roles.count == 1 ? "master" : "\(roles.count) masters")]
    }
}

/// Whether accepted messages survive the end of a Redis.
struct RedisPersistenceCheck: DoctorCheck {
    static let name = "persistence"
    /// Of each server; nil where it does not say.
    let appendOnly: [Bool?]
    let lastAppendOK: Bool
    let lastSaveOK: Bool

    var findings: [Finding] {
        var found: [Finding] = []
        if !lastAppendOK {
            found.append(
                .problem(
                    "Redis cannot write its append-only file, and refuses writes",
                    mend: "make room on its disk; its log has the cause"))
        }
        if !lastSaveOK {
            found.append(
                .problem(
                    "Redis' last snapshot failed, after which it refuses writes (stop-writes-on-bgsave-error)",
                    mend:
                        "make room on its disk and in its memory (vm.overcommit_memory=1), then BGSAVE; its log has the cause"
                ))
        }
        let said = appendOnly.compactMap { $0 }
        if said.contains(false) {
            found.append(
                .warning(
                    "Redis keeps no log of its writes: what it accepted goes when it ends, and is fetched back from Twilio's list",
                    mend: "set appendonly yes (CONFIG SET appendonly yes, and in redis.conf)"))
        } else if said.isEmpty {
            found.append(
                .warning(
                    "Redis does not say whether it keeps a log of its writes",
                    mend: "make sure that appendonly is yes; allow INFO to our user"))
        }
        return found.orOK("appendonly")
    }
}

/// What a Redis does when its memory is full, and how soon that is.
struct RedisMemoryCheck: DoctorCheck {
    static let name = "memory"

    struct Server: Hashable, Sendable {
        var policy: String?
        var maximum: Int
        var used: Int
    }

    let servers: [Server]
    let isProduction: Bool

    /// Beyond it ingest refuses messages, as Ingest/MemoryWatch has it.
    private static let full = 70
    private static let filling = 50

    var findings: [Finding] {
        var found: [Finding] = []
        if let policy = servers.compactMap(\.policy).first(where: { $0 != "noeviction" }) {
            found.append(
                .problem(
                    "maxmemory-policy is \(policy): Redis throws queued messages away when it is full, and no process starts",
                    mend: "CONFIG SET maxmemory-policy noeviction on every server, and in redis.conf"))
        } else if servers.contains(where: { $0.policy == nil }) {
            found.append(
                .warning(
                    "Redis does not say how it evicts",
                    mend: "make sure that maxmemory-policy is noeviction; allow INFO to our user"))
        }
        let limited = servers.filter { $0.maximum > 0 }
        let percent = limited.map { $0.used * 100 / $0.maximum }.max() ?? 0
        if limited.count < servers.count, isProduction {
            found.append(
                .warning(
                    "Redis has no limit to its memory: the machine's end is the queue's",
                    mend:
                        "set maxmemory to what it may take: ingest then refuses messages in time, and Twilio repeats them"
                ))
        }
        if percent >= Self.full {
            found.append(
                .problem(
                    "\(percent) % of Redis' memory is taken: ingest takes no messages",
                    mend: "start workers so that the queue drains, or raise maxmemory"))
        } else if percent >= Self.filling {
            found.append(
                .warning(
                    "\(percent) % of Redis' memory is taken; at \(Self.full) % ingest takes no messages",
                    mend: "raise maxmemory, or find what fills it: redis-cli --bigkeys"))
        }
        return found.orOK(limited.isEmpty ? "no limit is set" : "\(percent) % taken, noeviction")
    }
}

/// Whether Redis has our functions.
struct RedisFunctionsCheck: DoctorCheck {
    static let name = "functions"

    /// What the server answers when it is asked for the revision.
    enum Answer: Hashable, Sendable {
        case revision(Int)
        /// It knows functions, and not ours.
        case missing
        /// It knows no functions, or does not let us use them.
        case unsupported
        case failed(String)
    }

    let answer: Answer
    let ours: Int

    var findings: [Finding] {
        switch answer {
        case .revision(let revision) where revision == ours: [.ok("wa_v1, revision \(revision)")]
        case .revision(let revision) where revision < ours:
            [
                .warning(
                    "wa_v1 is of revision \(revision), an earlier release's; ours is \(ours)",
                    mend: "nothing: the first process of this release brings its own")
            ]
        case .revision(let revision):
            [
                .warning(
                    "wa_v1 is of revision \(revision), a later release's; ours is \(ours)",
                    mend: "run the operator of that release; processes of both work with it")
            ]
        case .missing:
            [.warning("Redis does not have wa_v1 yet", mend: "nothing: the first process that starts brings it")]
        case .unsupported:
            [
                .warning(
                    "Redis runs no functions for us: ours run as scripts",
                    mend: "use Redis 7.0 or later, and allow FCALL and FUNCTION LOAD to our user")
            ]
        case .failed(let cause):
            [
                .problem(
                    "Redis does not answer for wa_v1: \(cause)", mend: "allow FCALL and FUNCTION LOAD to our user (ACL)"
                )
            ]
        }
    }
}

/// Whether a cluster is whole, and the queue spread over it.
struct RedisClusterCheck: DoctorCheck {
    static let name = "cluster"
    let isCluster: Bool
    /// `cluster_state` of CLUSTER INFO.
    let state: String
    let mastersWithoutReplica: Int
    let shards: Int

    var findings: [Finding] {
        guard isCluster else { return [.ok("a lone server")] }
        var found: [Finding] = []
        if state != "ok" {
            found.append(
                .problem(
                    "the cluster's state is \(state)",
                    mend: "redis-cli --cluster check HOST:PORT says which slots have no master"))
        }
        if shards == 1 {
            found.append(
                .warning(
                    "QUEUE_SHARDS is 1: the whole queue is on one node",
                    mend: "set QUEUE_SHARDS=64 in every process while the queue is empty"))
        }
        if mastersWithoutReplica > 0 {
            found.append(
                .warning(
                    "\(mastersWithoutReplica) masters have no replica",
                    mend: "add replicas: without one, a node's shards wait until it is back"))
        }
        return found.orOK("whole, \(shards) shards")
    }
}

/// Whether the queue holds anything where nobody looks.
struct QueueShardsCheck: DoctorCheck {
    static let name = "shards"
    let shards: Int
    /// The shards beyond that hold something, with how many lists and senders there are.
    let beyond: [Int: Int]

    var findings: [Finding] {
        guard let highest = beyond.keys.max() else { return [.ok("nothing lies beyond the \(shards) of QUEUE_SHARDS")] }
        let places = beyond.values.reduce(0, +)
        return [
            .problem(
                "\(beyond.count) shards beyond QUEUE_SHARDS=\(shards) hold messages (\(places) entries, up to shard \(highest)): nobody works on them",
                mend:
                    "set QUEUE_SHARDS back to what it was (at least \(highest + 1)) in every process, let workers empty the queue, then change it"
            )
        ]
    }
}
