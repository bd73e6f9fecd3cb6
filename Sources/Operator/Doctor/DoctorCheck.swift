/// One question that the doctor asks: the value holds the facts that were observed, `findings` is what they mean.
///
/// The findings follow from the facts alone, so that every verdict can be tested without a server.
protocol DoctorCheck: Sendable {
    /// A word or two: `maxmemory`.
    static var name: String { get }
    var findings: [Finding] { get }
}

/// A check whose answer needs no facts: something that could not be looked at, or was left out.
struct SkippedCheck: DoctorCheck {
    static let name = "not looked at"
    let why: String
    var findings: [Finding] { [.skipped(why)] }
}
