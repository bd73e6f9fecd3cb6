import Glibc
import QueueModel

/// Searches the full scopes, in minutes rather than seconds: what `make chaos` runs, optimised.
@main struct QueueSearchMain {
    static func main() {
        var isSound = true
        for scope in Scope.full {
            let start = ContinuousClock.now
            let result = Search.run(scope)
            print("\(result); \(ContinuousClock.now - start)")
            fflush(nil)
            if result.broken != nil { isSound = false }
        }
        exit(isSound ? 0 : 1)
    }
}
