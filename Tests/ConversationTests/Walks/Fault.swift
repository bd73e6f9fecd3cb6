@testable import Conversation

/// A way in which a machine could be wrong, to show that the rules notice it.
enum Fault: CaseIterable {
    /// A message that is not understood takes an answer with it.
    case forgetsOnTypos
    case saysTwice
    case speaksToWhoSaidStop
    /// HELP to a summary sends the claim.
    case submitsUnasked
    case staysWhenLeft
    /// STATUS, which is offered, is not understood.
    case knowsNoStatus
    /// A code is sent that the limits forbid.
    case sendsTooManyCodes
    case keepsSessionOnLogout

    func breaking(
        _ transition: Conversation.Transition, of state: Conversation.State, _ input: Conversation.Input
    ) -> Conversation.Transition {
        var broken = transition
        let command = Command(reading: input.words)
        let reply = transition.replies.first
        switch self {
        case .forgetsOnTypos:
            guard reply?.isLost == true, case .claiming(let claim, var draft) = transition.state else { break }
            draft.origin = nil
            broken.state = .claiming(claim, draft)
        case .saysTwice:
            if command == .help, let reply { broken.effects.append(.reply(reply)) }
        case .speaksToWhoSaidStop:
            if reply == nil { broken.effects.append(.reply(.help(.optedOut))) }
        case .submitsUnasked:
            guard case .claiming(.confirmingClaim, let draft) = state, command == .help,
                let claim = Conversation.Claim(draft, reference: "DR-34679C")
            else { break }
            broken.effects.insert(.submitClaim(claim), at: 0)
        case .staysWhenLeft:
            if command == .menu, case .claiming = state { broken.state = state }
        case .knowsNoStatus:
            if ClaimCommand(reading: input.words) == .status, let reply {
                broken.effects = [.reply(.after(.notUnderstood, reply.asked))]
            }
        case .sendsTooManyCodes:
            if command == .resend, reply?.isRefusal == true { broken.effects.insert(.issueCode, at: 0) }
        case .keepsSessionOnLogout:
            if command == .logout, transition.state == .start { broken.state = state }
        }
        return broken
    }
}
