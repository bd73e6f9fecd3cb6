import Glibc

/// A value behind a pthread mutex.
///
/// `Synchronization.Mutex` would do, but takes its contended path in the kernel, where
/// ThreadSanitizer does not see it and reports races that are not there.
///
/// `@unchecked Sendable`: `value` is only reached inside `withLock`, while the mutex is held.
package final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with exclusive access; never wait or call foreign code inside.
    package func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
