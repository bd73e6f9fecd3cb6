import Common

/// Who writes what and when, all of it decided by a few numbers: the same plan is the same load.
struct LoadPlan: Hashable, Sendable {
    /// How many people write, in turns.
    let passengers: Int
    let messages: Int
    /// Messages a second, of all of them together.
    let rate: Double
    let seed: UInt64

    static let mostPassengers = 100_000
    static let mostMessages = 1_000_000
    /// Country code 999 is nobody's (ITU-T E.164): these people are no phones on the page.
    private static let numbers = "whatsapp:+999"

    /// Reads what is asked for; nil when it makes no sense or is more than this process can keep.
    init?(passengers: Int, rate: Double, messages: Int, seed: UInt64) {
        guard (1...Self.mostPassengers).contains(passengers), (1...Self.mostMessages).contains(messages),
            rate > 0, rate <= 100_000
        else { return nil }
        (self.passengers, self.messages, self.rate, self.seed) = (passengers, messages, rate, seed)
    }

    /// Whether somebody in a load test has that address.
    static func owns(_ address: String) -> Bool { address.hasPrefix(numbers) }

    /// How many messages are due that long after the start.
    func due(after elapsed: Duration) -> Int { min(messages, Int(elapsed.inSeconds * rate) + 1) }

    /// How long after the start the message of that number is due.
    func time(of index: Int) -> Duration { .nanoseconds(Int64(Double(index) / rate * 1e9)) }

    /// Who writes the message of that number: everybody once, in a new order, then everybody again.
    func passenger(of index: Int) -> Int {
        let (turn, place) = index.quotientAndRemainder(dividingBy: passengers)
        return (place + Int(mixed(UInt64(turn)) % UInt64(passengers))) % passengers
    }

    /// What Twilio calls the message.
    func sid(of index: Int) -> String { "SM" + hex(mixed(0x5EED)) + hex(UInt64(index)) }

    /// `whatsapp:+999`, four digits of the seed's and six of the passenger's.
    func address(of passenger: Int) -> String {
        Self.numbers + digits(Int(seed % 10_000), 4) + digits(passenger, 6)
    }

    /// The passenger whom an address belongs to; nil when it is not of this plan.
    func passenger(at address: String) -> Int? {
        let prefix = Self.numbers + digits(Int(seed % 10_000), 4)
        guard address.hasPrefix(prefix), let passenger = Int(address.dropFirst(prefix.count)), passenger < passengers
        else { return nil }
        return passenger
    }

    /// What they say: a greeting, then words that are answered in every state, with events among their effects.
    func text(of index: Int) -> String {
        switch (index / passengers) % 4 {
        case 0: index < passengers ? "hi" : Self.chatter[Int(mixed(UInt64(index)) % UInt64(Self.chatter.count))]
        case 1: "STOP"
        case 2: "START"
        case _: Self.chatter[Int(mixed(UInt64(index)) % UInt64(Self.chatter.count))]
        }
    }

    private static let chatter = ["help", "hello", "what?", "terms", "when is the next train"]

    /// One number of the seed's sequence (splitmix64, https://prng.di.unimi.it/splitmix64.c).
    private func mixed(_ number: UInt64) -> UInt64 {
        var z = seed &+ (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private func hex(_ number: UInt64) -> String {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }.hex
    }

    private func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
