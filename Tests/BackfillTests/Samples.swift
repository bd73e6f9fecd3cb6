import Backfill
import Common
import Logging

func sid(_ number: Int, _ kind: String = "SM") -> MessageSID {
    let digits = String(number, radix: 16)
    // The length is right by construction.
    return MessageSID(kind + String(repeating: "0", count: 32 - digits.count) + digits) ?? sid(0)
}

/// A message of the provider's, `age` seconds old.
func message(
    _ number: Int, age: Int = 60, from: String = "whatsapp:+447700900123", to: String = FakeProvider.ours,
    body: String = "hello", isInbound: Bool = true, media: Int = 0, now: Timestamp = .now
) -> ListedMessage {
    let time = Timestamp(seconds: (now - .seconds(age)).seconds)
    return ListedMessage(
        sid: sid(number, media > 0 ? "MM" : "SM"), accountSID: FakeProvider.account, isInbound: isInbound,
        from: address(from), to: to, body: body,
        mediaCount: media, created: time, sent: time)
}

func quietLogger() -> Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

func address(_ text: String) -> ChannelAddress {
    guard let address = ChannelAddress(text) else { preconditionFailure("a test's address is one") }
    return address
}
