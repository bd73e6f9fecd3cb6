import CCurl
import Glibc
import NIOHTTP1

/// One request on its way: its curl handle and what has come of the response.
///
/// Confined to the reactor's thread.
final class HTTPTransfer {
    typealias Outcome = Result<HTTPResponse, HTTPError>

    /// Beyond it a response is too large, whatever its body may have.
    private static let maximumHeaderBytes = 64 * 1024

    let id: Int
    let request: HTTPRequest
    let deadline: ContinuousClock.Instant
    /// Ends the wait for a free place.
    var waitTimer: TimerID?
    /// Set while curl has the transfer.
    private(set) var easy: UnsafeMutableRawPointer?
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var sent = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// Whether the head of the last response, which is no 1xx, has come whole.
    private var hasHead = false
    private let addresses: AddressPolicy
    /// Whether an address was refused that might have been connected to.
    private var refusedAddress = false
    private var waiter: CheckedContinuation<Outcome, Never>?

    init(
        id: Int, _ request: HTTPRequest, _ addresses: AddressPolicy, _ waiter: CheckedContinuation<Outcome, Never>
    ) {
        self.id = id
        self.request = request
        self.addresses = addresses
        self.waiter = waiter
        deadline = .now + request.timeout
    }

    deinit { release() }

    /// Answers whoever waits; only the first time counts.
    func finish(_ outcome: Outcome) {
        waiter?.resume(returning: outcome)
        waiter = nil
    }

    /// Makes the curl handle; nil when the request cannot be one.
    func prepare(caFile: String?) -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        return configure(easy, caFile) ? easy : nil
    }

    /// Frees the curl handle, which must have been taken out of the multi handle.
    func release() {
        if let easy { curl_easy_cleanup(easy) }
        if let lines { curl_slist_free_all(lines) }
        easy = nil
        lines = nil
    }

    /// What curl's verdict means to the caller.
    func outcome(_ code: CURLcode) -> Outcome {
        // curl is content with half a head before the connection's end.
        guard let easy, hasHead, code == CURLE_OK || !request.needsBody else { return .failure(error(code)) }
        var status = 0
        _ = curl_shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    private func error(_ code: CURLcode) -> HTTPError {
        if refusedAddress, code == CURLE_COULDNT_CONNECT {
            return HTTPError(
                .addressRefused, isProvablyNotSent: isProvablyNotSent,
                reason: "the host's address is of this machine or of a private network")
        }
        return HTTPError(
            HTTPError.Code(code, isTooLarge: isTooLarge), isProvablyNotSent: isProvablyNotSent,
            reason: code == CURLE_OK ? "the answer's head broke off" : String(cString: curl_easy_strerror(code)))
    }

    /// True while curl has neither finished connecting nor written or asked for a byte of the request.
    var isProvablyNotSent: Bool {
        guard let easy else { return true }
        var preTransfer: curl_off_t = 0
        var requestBytes = 0
        _ = curl_shim_getinfo_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &preTransfer)
        _ = curl_shim_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
        return preTransfer == 0 && requestBytes == 0 && sent == 0
    }

    // MARK: What curl asks for and tells

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, request.body.count - sent)
        request.body[sent..<sent + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
        sent += count
        return count
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLarge = body.count + bytes.count > request.maximumResponseBytes
        if !isTooLarge { body.append(contentsOf: bytes) }
        return !isTooLarge
    }

    private func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        if headerBytes > Self.maximumHeaderBytes {
            isTooLarge = true
            return false
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            if bytes.starts(with: "HTTP/".utf8) {  // after 1xx or a redirect comes another
                headers = HTTPHeaders()
                hasHead = false
            } else if let easy, bytes.count <= 2 {  // the empty line at its end
                var status = 0
                _ = curl_shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
                hasHead = status >= 200
            }
            return true
        }
        let value = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        headers.add(name: String(decoding: bytes[..<colon], as: UTF8.self), value: value.trimmed)
        return true
    }

    /// Makes the socket that curl will connect to `address`, unless that is not allowed.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let (family, kind, number) = (address.pointee.family, address.pointee.socktype, address.pointee.protocol)
        let length = Int(address.pointee.addrlen)
        // The member is a `sockaddr` by name; what lies there is as long as `addrlen` says.
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
        let destination = (UnsafeRawPointer(address) + offset).assumingMemoryBound(to: sockaddr.self)
        guard addresses.allows(destination, length: length) else {
            refusedAddress = true
            return CURL_SOCKET_BAD
        }
        return socket(family, kind | SocketKind.closeOnExec, number)
    }

    // MARK: Options

    private func configure(_ easy: UnsafeMutableRawPointer, _ caFile: String?) -> Bool {
        let remaining = max(.milliseconds(1), deadline - .now)
        var isOK = true
        func set(_ option: CURLoption, _ value: String) {
            isOK = isOK && curl_shim_setopt_string(easy, option, value) == CURLE_OK
        }
        func set(_ option: CURLoption, _ value: Int) {
            isOK = isOK && curl_shim_setopt_long(easy, option, value) == CURLE_OK
        }
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
        set(CURLOPT_MAXREDIRS, 5)
        set(CURLOPT_PROXY, "")  // what is in the environment's http_proxy is not for us
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)  // else ending a transfer waits for its name resolution
        set(CURLOPT_TIMEOUT_MS, Int(max(1, remaining.wholeMilliseconds)))
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, min(request.connectTimeout, remaining).wholeMilliseconds)))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let caFile { set(CURLOPT_CAINFO, caFile) }
        if let (user, password) = request.basicAuthentication {
            set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, password.value)
        }
        setMethod(easy, set)
        setCallbacks(easy)
        lines = headerLines
        isOK = isOK && curl_shim_setopt_list(easy, CURLOPT_HTTPHEADER, lines) == CURLE_OK
        return isOK
    }

    /// A request that is not idempotent must never be sent twice by curl, which repeats one when a kept-alive connection
    /// dies before the answer: with a body, the failing seek function forbids it; without one, a connection of its own.
    private func setMethod(_ easy: UnsafeMutableRawPointer, _ set: (CURLoption, Int) -> Void) {
        let isSafe = request.method == .GET || request.method == .HEAD
        if request.method == .HEAD {
            set(CURLOPT_NOBODY, 1)
        } else if request.method != .GET || !request.body.isEmpty {
            set(CURLOPT_POST, 1)
            _ = curl_shim_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            if request.body.isEmpty, !isSafe { set(CURLOPT_FRESH_CONNECT, 1) }
            if request.method != .POST {
                _ = curl_shim_setopt_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            }
        }
    }

    private func setCallbacks(_ easy: UnsafeMutableRawPointer) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = curl_shim_setopt_pointer(easy, CURLOPT_PRIVATE, me)
        _ = curl_shim_setopt_pointer(easy, CURLOPT_READDATA, me)
        _ = curl_shim_setopt_pointer(easy, CURLOPT_WRITEDATA, me)
        _ = curl_shim_setopt_pointer(easy, CURLOPT_HEADERDATA, me)
        _ = curl_shim_setopt_read(easy) { bytes, size, count, me in
            guard let transfer = HTTPTransfer.from(me) else { return Int(CURL_READFUNC_ABORT) }
            return transfer.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        _ = curl_shim_setopt_pointer(easy, CURLOPT_OPENSOCKETDATA, me)
        _ = curl_shim_setopt_opensocket(easy) { me, _, address in
            guard let address else { return CURL_SOCKET_BAD }
            return HTTPTransfer.from(me)?.openSocket(address) ?? CURL_SOCKET_BAD
        }
        _ = curl_shim_setopt_seek(easy) { _, _, _ in CURL_SEEKFUNC_FAIL }
        _ = curl_shim_setopt_write(easy) { bytes, size, count, me in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return HTTPTransfer.from(me)?.receive(bytes) == true ? bytes.count : 0
        }
        _ = curl_shim_setopt_header(easy) { bytes, size, count, me in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return HTTPTransfer.from(me)?.receive(headerLine: bytes) == true ? bytes.count : 0
        }
    }

    /// The transfer that a curl handle belongs to.
    static func from(easy: UnsafeMutableRawPointer) -> HTTPTransfer? {
        var me: UnsafeMutablePointer<CChar>?
        _ = curl_shim_getinfo_pointer(easy, CURLINFO_PRIVATE, &me)
        return from(me.map { UnsafeMutableRawPointer($0) })
    }

    private static func from(_ me: UnsafeMutableRawPointer?) -> HTTPTransfer? {
        me.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private var headerLines: UnsafeMutablePointer<curl_slist>? {
        var lines = curl_slist_append(nil, "Expect:")  // a name without a value: curl's own header is not sent
        if !request.headers.contains(name: "content-type") { lines = curl_slist_append(lines, "Content-Type:") }
        if !request.headers.contains(name: "user-agent") {
            lines = curl_slist_append(lines, "User-Agent: whatsapp-handler")
        }
        for (name, value) in request.headers {
            lines = curl_slist_append(lines, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        return lines
    }
}

extension String {
    fileprivate var trimmed: String {
        func isSpace(_ character: UInt8) -> Bool { character == 0x20 || (0x09...0x0D).contains(character) }
        let start = utf8.firstIndex { !isSpace($0) } ?? utf8.endIndex
        let end = utf8.lastIndex { !isSpace($0) }.map { utf8.index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
