import CCurl

/// libcurl's multi handle, driven by the reactor.
///
/// Confined to the reactor's thread, except that the last reference may be dropped anywhere. curl holds an unretained
/// pointer to it, which is withdrawn before it goes.
final class CurlMulti {
    private let reactor: Reactor
    private let handle: UnsafeMutableRawPointer
    /// Called when transfers may have finished.
    private let onProgress: () -> Void
    private var watched: Set<Int32> = []
    private var timer: TimerID?

    init(_ reactor: Reactor, _ maximumConnections: Int, onProgress: @escaping () -> Void) {
        guard let handle = curl_multi_init() else { preconditionFailure("curl: out of memory") }
        self.reactor = reactor
        self.handle = handle
        self.onProgress = onProgress
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = curl_shim_multi_setopt_long(handle, CURLMOPT_MAXCONNECTS, maximumConnections)
        _ = curl_shim_multi_setopt_pointer(handle, CURLMOPT_SOCKETDATA, me)
        _ = curl_shim_multi_setopt_pointer(handle, CURLMOPT_TIMERDATA, me)
        _ = curl_shim_multi_setopt_socket(handle) { _, descriptor, what, me, _ in
            CurlMulti.from(me)?.watch(descriptor, what)
            return 0
        }
        _ = curl_shim_multi_setopt_timer(handle) { _, milliseconds, me in
            CurlMulti.from(me)?.setTimer(milliseconds)
            return 0
        }
    }

    deinit {
        _ = curl_shim_multi_setopt_socket(handle, nil)
        _ = curl_shim_multi_setopt_timer(handle, nil)
        let (reactor, handle, timer, watched) = (reactor, UInt(bitPattern: handle), timer, watched)
        reactor.submit {
            for descriptor in watched { reactor.unwatch(descriptor) }
            if let timer { reactor.cancel(timer) }
            curl_multi_cleanup(UnsafeMutableRawPointer(bitPattern: handle))
        }
    }

    func add(_ easy: UnsafeMutableRawPointer) -> Bool { curl_multi_add_handle(handle, easy) == CURLM_OK }

    func remove(_ easy: UnsafeMutableRawPointer) { curl_multi_remove_handle(handle, easy) }

    /// A transfer that has ended and how; nil when there is none.
    func nextFinished() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            if message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle {
                return (easy, curl_shim_msg_result(message))
            }
        }
        return nil
    }

    private static func from(_ me: UnsafeMutableRawPointer?) -> CurlMulti? {
        me.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
    }

    private func watch(_ descriptor: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            if watched.remove(descriptor) != nil { reactor.unwatch(descriptor) }
            return
        }
        var interest: Reactor.Interest = []
        if what & CURL_POLL_IN != 0 { interest.insert(.read) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
        if watched.insert(descriptor).inserted {
            reactor.watch(descriptor, interest) { self.act(descriptor, $0) }
        } else {
            reactor.setInterest(descriptor, interest)
        }
    }

    private func setTimer(_ milliseconds: Int) {
        if let timer { reactor.cancel(timer) }
        timer = nil
        if milliseconds >= 0 {
            timer = reactor.after(.milliseconds(milliseconds)) { [weak self] in self?.act(CURL_SOCKET_TIMEOUT, []) }
        }
    }

    private func act(_ descriptor: Int32, _ ready: Reactor.Interest) {
        var mask: Int32 = 0
        if ready.contains(.read) { mask |= CURL_CSELECT_IN }
        if ready.contains(.write) { mask |= CURL_CSELECT_OUT }
        if !ready.isDisjoint(with: .hangup) { mask |= CURL_CSELECT_ERR }
        var running: Int32 = 0
        curl_multi_socket_action(handle, descriptor, mask, &running)
        onProgress()
    }
}
