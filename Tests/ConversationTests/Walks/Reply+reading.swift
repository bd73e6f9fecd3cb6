@testable import Conversation

extension Conversation.Reply {
    /// The sentences before what is asked.
    var prefaces: [Preface] {
        if case .after(let preface, let reply) = self { [preface] + reply.prefaces } else { [] }
    }

    /// Says that nothing at all was of use in the message.
    var isOfNoUse: Bool {
        prefaces.contains { preface in
            switch preface {
            case .notUnderstood, .cannotRead, .numberUnreadable, .numberFixed, .claim(.photoUnreadable): true
            default: false
            }
        }
    }

    /// Says what a slot now is, or asks about it.
    func tells(_ slot: Conversation.Slot) -> Bool {
        switch asked {
        case .claim(.summary): return true
        case .claim(.stationChoice(slot, _)): return true
        case .claim(.timeChoice): if slot == .departure { return true }
        default: break
        }
        return prefaces.contains { preface in
            switch preface {
            case .claim(.noted(let slots, _)), .kept(let slots, _): slots.contains(slot)
            case .claim(.photoNoted): slot == .ticketPhoto
            case .claim(.soFar): true
            default: false
            }
        }
    }

    /// Says what is wrong with a file, or that it is there already.
    var refusesFile: Bool {
        prefaces.contains { preface in
            switch preface {
            case .claim(.photoRefused), .claim(.photoNoted): true
            default: false
            }
        }
    }

    /// The names of all that is said.
    var names: [String] {
        // The label of an enum's case without its values, which would take long to write.
        func name(_ value: Any) -> String { Mirror(reflecting: value).children.first?.label ?? "\(value)" }
        let last =
            switch asked {
            case .claim(let reply): name(reply)
            case let reply: name(reply)
            }
        return [last]
            + prefaces.map { preface in
                switch preface {
                case .claim(let preface): name(preface)
                case let preface: name(preface)
                }
            }
    }

    /// The same to somebody without a name, in which anything may stand.
    var anonymous: Conversation.Reply {
        switch self {
        case .welcome(_, let termsURL): .welcome(name: nil, termsURL: termsURL)
        case .after(.introduction, let reply): .after(.introduction(name: nil), reply.anonymous)
        case .after(.welcomeBack, let reply): .after(.welcomeBack(name: nil), reply.anonymous)
        case .after(let preface, let reply): .after(preface, reply.anonymous)
        default: self
        }
    }
}

extension Conversation.ClaimDraft {
    func isSame(as other: Self, in slot: Conversation.Slot) -> Bool {
        switch slot {
        case .ticketPhoto: photo == other.photo
        case .date: date == other.date
        case .origin: origin == other.origin
        case .destination: destination == other.destination
        case .departure: departure == other.departure
        case .delay: delay == other.delay
        case .fare: fare == other.fare
        case .ticketClass: ticketClass == other.ticketClass
        case .ticketType: ticketType == other.ticketType
        }
    }
}
