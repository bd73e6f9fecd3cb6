import COpenSSL
import Glibc

/// The TLS side of one connected, non-blocking socket.
///
/// OpenSSL's error queue is the thread's, and libpq and libcurl use it too: it is emptied before each call.
final class TLSSession {
    enum Progress { case done(Int), wants(Reactor.Interest), ended }

    private let ssl: OpaquePointer

    /// Prepares a session with `host`, whose name, or number, the certificate must carry.
    init(_ context: TLSContext, descriptor: Int32, host: String) throws(TransportError) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else {
            throw TransportError(.tlsFailed, "no TLS session: \(opensslReason())")
        }
        self.ssl = ssl
        let parameters = SSL_get0_param(ssl)
        // A number goes into the certificate's IP addresses and not into the server name (RFC 6066, section 3).
        var isNamed = X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
        if !isNamed {
            X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            isNamed = SSL_set1_host(ssl, host) == 1 && openssl_shim_set_host_name(ssl, host) == 1
        }
        guard isNamed, SSL_set_fd(ssl, descriptor) == 1 else {
            throw TransportError(.tlsFailed, "no TLS session: \(opensslReason())")
        }
        _ = openssl_shim_set_mode_partial_write(ssl)
    }

    deinit { SSL_free(ssl) }

    /// One step of the handshake.
    func handshake() throws(TransportError) -> Progress {
        ERR_clear_error()
        return try progress(of: SSL_connect(ssl), "TLS handshake", .tlsFailed)
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws(TransportError) -> Progress {
        ERR_clear_error()
        return try progress(of: SSL_read(ssl, room.baseAddress, Int32(clamping: room.count)), "TLS read", .broken)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TransportError) -> Progress {
        ERR_clear_error()
        return try progress(of: SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count)), "TLS write", .broken)
    }

    /// Whether decrypted bytes wait that `poll` does not see.
    var hasPending: Bool { SSL_pending(ssl) > 0 }

    /// Tells the peer that nothing follows; its answer is not waited for.
    func shutDown() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func progress(
        of result: Int32, _ what: String, _ code: TransportError.Code
    ) throws(TransportError) -> Progress {
        let number = errno
        if result > 0 { return .done(Int(result)) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wants(.read)
        case SSL_ERROR_WANT_WRITE: return .wants(.write)
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL where number != 0: throw TransportError(code, what, errno: number)
        default: throw TransportError(code, "\(what): \(reason(during: code))")
        }
    }

    private func reason(during code: TransportError.Code) -> String {
        let verified = SSL_get_verify_result(ssl)
        guard code == .tlsFailed, verified != Int(X509_V_OK), let text = X509_verify_cert_error_string(verified) else {
            return opensslReason()
        }
        ERR_clear_error()
        return String(cString: text)
    }
}
