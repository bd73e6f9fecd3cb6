import COpenSSL
import Glibc

/// What a client trusts: TLS 1.2 or newer, certificates of the system's authorities or of one file's.
package final class TLSContext {
    let pointer: OpaquePointer

    /// OpenSSL writes with `write`, which raises SIGPIPE when the peer has gone.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// Reads the authorities from `caFile` (PEM), else from where the system keeps its own.
    package init(caFile: String?) throws(TransportError) {
        Self.ignoresBrokenPipes
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else {
            throw TransportError(.tlsFailed, "TLS is not available: \(opensslReason())")
        }
        let isLoaded =
            if let caFile {
                SSL_CTX_load_verify_locations(pointer, caFile, nil) == 1
            } else { SSL_CTX_set_default_verify_paths(pointer) == 1 }
        guard isLoaded, openssl_shim_set_min_tls12(pointer) == 1 else {
            let reason = opensslReason()
            SSL_CTX_free(pointer)
            throw TransportError(.tlsFailed, "the certificates of the authorities cannot be loaded: \(reason)")
        }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        self.pointer = pointer
    }

    deinit { SSL_CTX_free(pointer) }
}

/// OpenSSL's own words for what failed last on this thread.
func opensslReason() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return "no reason given" }
    guard let reason = ERR_reason_error_string(code) else { return "error \(code)" }
    return String(cString: reason)
}
