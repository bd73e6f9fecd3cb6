/// What is said of a claim's evaluation, unasked.
extension Texts {
    /// Tells what became of a claim; `reason` is another service's and shown as one short line.
    package static func evaluation(
        _ claim: Conversation.Claiming.Status, delayMinutes: Int?, reason: String?
    ) -> String {
        let outcome =
            claim.progress == .eligible
            ? "Good news: your claim \(claim.reference) (\(journey(claim))) is accepted."
            : "Your claim \(claim.reference) (\(journey(claim))) was checked and is not covered."
        let amount = claim.compensation.flatMap(pounds).map { " The compensation is \($0)." } ?? ""
        let delay =
            delayMinutes.map { minutes in
                minutes > 0
                    ? " The train was found to be \(count(minutes, "minute", "minutes")) late."
                    : " The train was found not to be late."
            } ?? ""
        let why = reason.map(oneLine).flatMap { $0.isEmpty ? nil : " Reason: \($0)." } ?? ""
        return outcome + amount + delay + why + "\n\nReply STATUS to see all your claims."
    }

    /// What fills the places of the template: the reference, the journey, the outcome.
    package static func evaluationPlaces(_ claim: Conversation.Claiming.Status) -> [String] {
        let amount = claim.compensation.flatMap(pounds).map { ", \($0)" } ?? ""
        return [claim.reference, journey(claim), (claim.progress == .eligible ? "accepted" : "not covered") + amount]
    }

    /// `£1,234.50` is written without the comma; nothing for no money.
    private static func pounds(_ pence: Int) -> String? {
        pence > 0 ? "\u{A3}\(pence / 100).\(padded(pence % 100, to: 2))" : nil
    }

    private static let longestReason = 200

    /// Words for people out of a word for programs, without marks that would format them.
    private static func oneLine(_ reason: String) -> String {
        var line = ""
        for scalar in reason.unicodeScalars {
            guard line.unicodeScalars.count < longestReason else { break }
            if scalar.isSpace || scalar.properties.isWhitespace || scalar == "_" {
                if !line.isEmpty, line.last != " " { line.append(" ") }
            } else if scalar.isShowable, !"*~`".unicodeScalars.contains(scalar) {
                line.unicodeScalars.append(scalar)
            }
        }
        while line.last == " " || line.last == "." { line.removeLast() }
        return line
    }
}
