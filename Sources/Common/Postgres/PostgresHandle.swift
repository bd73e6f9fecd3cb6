import CLibpq
import Logging

/// An open libpq connection and what its callbacks refer to; closed when the last reference goes.
///
/// `@unchecked Sendable`: both properties are constants, and `pointer` is only used on the reactor's thread.
final class PostgresHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let notices: PostgresNotices

    /// Takes over `pointer`, whose notices go to `logger` from here on.
    init(_ pointer: OpaquePointer, logger: Logger) {
        self.pointer = pointer
        notices = PostgresNotices(logger)
        PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<PostgresNotices>.fromOpaque(context).takeUnretainedValue().log(result)
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit { PQfinish(pointer) }
}

/// Logs what the server remarks beside its answers, which libpq would print to standard error.
private final class PostgresNotices {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func log(_ result: OpaquePointer?) {
        guard let result else { return }
        let fields = PostgresDiagnostics(result)
        logger.debug(
            "the database remarks", metadata: ["severity": "\(fields.severity)", "notice": "\(fields.safeMessage)"])
    }
}
