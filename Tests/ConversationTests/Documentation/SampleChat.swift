@testable import Conversation

/// A chat for `docs/conversation.md`, had with the machine itself.
struct SampleChat {
    /// What the passenger sends; `CODE` stands for the one that was sent last.
    enum Said {
        case text(String)
        case photo
    }

    var title: String
    var world: World
    var said: [Said]

    var markdown: String {
        var world = world
        var lines: [String] = []
        for said in said {
            let input: Conversation.Input
            switch said {
            case .text(let text):
                let text = text.replacing("CODE", with: world.code)
                input = .text(text)
                lines.append("> **Ana:** \(text)")
            case .photo:
                input = ClaimChat.photo("image/jpeg")
                lines.append("> **Ana:** *(a photo)*")
            }
            let (codes, submitted) = (world.codes.count, world.submitted.count)
            for reply in world.receive(input).replies { lines.append("> **Delay Repay:** " + quoted(reply.text)) }
            for code in world.codes.dropFirst(codes) { lines.append("> *Text message:* " + code) }
            for claim in world.submitted.dropFirst(submitted) {
                world.claiming?.claims.insert(
                    .init(
                        reference: claim.reference, origin: claim.origin, destination: claim.destination,
                        date: claim.departure.date, progress: .submitted, compensation: nil), at: 0)
            }
        }
        return "### \(title)\n\n" + lines.joined(separator: "\n>\n")
    }

    private func quoted(_ text: String) -> String { text.replacing("\n", with: "<br>") }

    private static func ana(_ world: World) -> World {
        var world = world
        world.claiming?.claims = []
        world.claiming?.reference = "DR-7K3M9Q"
        return world
    }

    static let all = [
        SampleChat(
            title: "Registration, with a journey told first", world: ana(Everywhere.stranger()),
            said: [
                "Hi, the 14:30 from Leeds to York yesterday was 48 min late", "terms?", "yes please", "000000",
                "the code is CODE", "£45.60, standard, advance", "skip", "yes",
            ].map(Said.text)),
        SampleChat(
            title: "A claim with corrections, a photo and BACK",
            world: ana(Everywhere.world(.menu(), Samples.user(verified: true, terms: true))),
            said: [
                .text("delay"), .text("london to york"), .text("kings cross"), .text("tomorrow"),
                .text("no, it was tuesday"),
                .text("half two"), .text("pm"), .text("back"), .text("14:45"), .text("an hour and a half"), .photo,
                .text("from Euston not Kings Cross"), .text("12 quid"), .text("first class"), .text("off-peak"),
                .text("edit date"), .text("18/11"), .text("yes"),
            ]),
        SampleChat(
            title: "Settings, status, a claim taken back, and everything deleted",
            world: ana(Everywhere.world(.menu(), Samples.user(verified: true, terms: true))),
            said: [
                .text("settings"), .text("language welsh"),
                .text("the 9:15 from leeds to hull on thursday was cancelled, £12.50 standard advance"), .text("skip"),
                .text("am"), .text("yes"), .text("status"), .text("withdraw DR-7K3M9Q"), .text("status"),
                .text("delete my data"), .text("no"), .text("delete my data"), .text("yes"),
            ]),
    ]
}
