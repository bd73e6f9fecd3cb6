#if Kafka
import CRdkafka
import Common
import Glibc

/// One life of a librdkafka producer: records go in, what became of each comes out; nothing here waits.
///
/// The library has threads of its own, which never call us: reports, errors and log lines lie in its queue, and a byte
/// in a pipe says that there are some. Everything but the library's end happens on the reactor's thread.
final class KafkaProducer {
    /// What the library has to tell.
    enum News {
        case report(id: Int, rd_kafka_resp_err_t)
        /// Something is wrong with the connections; the library goes on trying.
        case trouble(String)
        /// The producer is of no use any more.
        case fatal(String)
        case log(level: Int32, line: String)
    }

    /// Up to how much is taken out of the queue before others have their turn.
    private static let newsPerTurn = 2000

    private let reactor: Reactor
    private let client: OpaquePointer
    private let queue: OpaquePointer
    private let bell: (read: Int32, write: Int32)
    private let onNews: ([News]) -> Void
    private var isRetired = false

    /// Starts the library's threads; throws what it has against the settings.
    init(_ settings: KafkaSettings, reactor: Reactor, onNews: @escaping ([News]) -> Void) throws(SinkError) {
        self.reactor = reactor
        self.onNews = onNews
        guard let configuration = rd_kafka_conf_new() else { throw SinkError(.unavailable, "kafka: no memory") }
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in settings.values {
            guard rd_kafka_conf_set(configuration, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                // The library's text has the value in it.
                throw SinkError(.unavailable, "kafka: librdkafka does not take the setting \(name)")
            }
        }
        rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            rd_kafka_conf_destroy(configuration)
            throw SinkError(.unavailable, "kafka: no pipe: errno \(errno)")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            for end in ends { close(end) }
            throw SinkError(.unavailable, "kafka: librdkafka does not start: \(Self.string(text))")
        }
        self.client = client
        bell = (ends[0], ends[1])
        queue = rd_kafka_queue_get_main(client)
        rd_kafka_set_log_queue(client, nil)
        rd_kafka_queue_io_event_enable(queue, bell.write, "!", 1)
        reactor.watch(bell.read, .read) { [weak self] _ in self?.listen() }
        // What was queued before the bell hung there.
        reactor.beforeSleep { [weak self] in self?.listen() }
    }

    /// Hands a record over; `id`, not negative, comes back with its report, unless the library does not take it.
    func produce(_ message: KafkaMessage, id: Int) -> rd_kafka_resp_err_t {
        guard let headers = rd_kafka_headers_new(message.headers.count) else { return RD_KAFKA_RESP_ERR__FAIL }
        for header in message.headers {
            rd_kafka_header_add(headers, header.name, -1, header.value, header.value.utf8.count)
        }
        let code = rdkafka_shim_produce(
            client, message.topic, message.key, message.key.utf8.count, message.value, message.value.utf8.count,
            headers, UnsafeMutableRawPointer(bitPattern: id + 1))
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { rd_kafka_headers_destroy(headers) }
        return code
    }

    /// Throws away what is not sent, tells nothing more, and ends the library's threads on a thread of its own.
    ///
    /// `onEnd` is called on the reactor's thread when nothing of this producer can be sent any more.
    func retire(_ onEnd: @escaping @Sendable () -> Void) {
        if isRetired { return }
        isRetired = true
        reactor.unwatch(bell.read)
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
        let remains = Remains(client: client, descriptors: [bell.read, bell.write])
        let started = startThread { [reactor] in
            remains.end()
            reactor.submit(onEnd)
        }
        // Better a moment's stand-still than two producers.
        if !started {
            remains.end()
            onEnd()
        }
    }

    /// Takes what is in the queue.
    private func listen() {
        if isRetired { return }
        var sink: (UInt64, UInt64) = (0, 0)
        while read(bell.read, &sink, 16) == 16 {}
        var news: [News] = []
        while news.count < Self.newsPerTurn, let event = rd_kafka_queue_poll(queue, 0) {
            append(event, to: &news)
            rd_kafka_event_destroy(event)
        }
        // The bell rings when something comes into an empty queue, which this one may not be.
        if news.count >= Self.newsPerTurn { reactor.after(.zero) { [weak self] in self?.listen() } }
        if !news.isEmpty { onNews(news) }
    }

    private func append(_ event: OpaquePointer, to news: inout [News]) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            while let message = rd_kafka_event_message_next(event) {
                news.append(.report(id: Int(bitPattern: message.pointee._private) - 1, message.pointee.err))
            }
        case RD_KAFKA_EVENT_ERROR:
            if rd_kafka_event_error_is_fatal(event) != 0 {
                var text = [CChar](repeating: 0, count: 512)
                rd_kafka_fatal_error(client, &text, text.count)
                news.append(.fatal(Self.string(text)))
            } else {
                let text = String(cString: rd_kafka_event_error_string(event))
                // That all are away says less than why the last one is.
                let isSum = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN
                news.append(isSum ? .log(level: 4, line: text) : .trouble(text))
            }
        case RD_KAFKA_EVENT_LOG:
            var (facility, text): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
            var level: Int32 = 0
            if rd_kafka_event_log(event, &facility, &text, &level) == 0, let text {
                news.append(.log(level: level, line: String(cString: text)))
            }
        default: break
        }
    }

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What is left of a retired producer.
///
/// `@unchecked Sendable`: nobody else has the client any more, and the library's end may be called from any thread.
private struct Remains: @unchecked Sendable {
    let client: OpaquePointer
    let descriptors: [Int32]

    /// Throws away what waits, waits for the library's threads, and closes the descriptors that they may have used.
    func end() {
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_destroy(client)
        for descriptor in descriptors { close(descriptor) }
    }
}
#endif
