/// Finds out how a server runs a library's functions, and gives it the library where it does not have it.
///
/// A library is replaced by a newer revision only, so that an old process never takes away what a new one needs. Of three
/// revisions that meet in the same millisecond an older one may win; whoever misses a function loads again.
struct RedisFunctionLoading: Sendable {
    typealias Completion = @Sendable (Result<RedisFunctionForm, RedisError>) -> Void

    let redis: any RedisService
    let source: RedisFunctionSource
    /// A key of the calls to come; in a cluster it leads to the server that is to run them.
    let key: String
    let limit: Duration

    /// Asks for the revision, loads if need be, and tells on the reactor's thread how functions are to be called.
    func start(_ completion: @escaping Completion) {
        askRevision { revision in
            switch revision {
            case .success(let stored) where stored >= source.revision: completion(.success(.function))
            case .success: load(replacing: true, completion)
            case .failure(let error) where error.isMissingFunction: load(replacing: false, completion)
            case .failure(let error) where error.isUnsupportedCommand: loadScript(completion)
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    private func askRevision(_ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void) {
        redis.submit(RedisCommand("FCALL", .init(source.revisionFunction), 1, .init(key)), within: limit) { result in
            completion(
                result.flatMap { reply in
                    reply.int.map { .success($0) }
                        ?? .failure(RedisError(.unexpectedReply, "a library's revision is no number"))
                })
        }
    }

    /// A cluster's router gives a library to every server: where `replacing` is false and one of them has it, this fails
    /// though the others have taken it.
    private func load(replacing: Bool, _ completion: @escaping Completion) {
        let arguments: [RedisArgument] = ["LOAD"] + (replacing ? ["REPLACE"] : []) + [.bytes(source.library)]
        redis.submit(RedisCommand("FUNCTION", arguments), within: limit) { result in
            switch result {
            case .success: completion(.success(.function))
            case .failure(let error) where !replacing && error.description.contains("already exists"):
                replaceIfOlder(completion)
            // A full server takes no library, but a script: it is to be drained all the same.
            case .failure(let error) where ["ERR", "NOPERM", "OOM"].contains(error.serverPrefix):
                loadScript(completion)
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Somebody else was quicker, or the library is from before there were revisions.
    private func replaceIfOlder(_ completion: @escaping Completion) {
        askRevision { revision in
            switch revision {
            case .success(let stored) where stored >= source.revision: completion(.success(.function))
            case .success: load(replacing: true, completion)
            case .failure(let error) where error.isMissingFunction: load(replacing: true, completion)
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    private func loadScript(_ completion: @escaping Completion) {
        redis.submit(RedisCommand("SCRIPT", "LOAD", .bytes(source.script)), within: limit) { result in
            completion(
                result.flatMap { reply in
                    reply.string.map { .success(.script(sha: $0)) }
                        ?? .failure(RedisError(.unexpectedReply, "SCRIPT LOAD answered no digest"))
                })
        }
    }
}
