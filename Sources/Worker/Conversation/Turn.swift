extension Conversation {
    /// One message with all that is known about it.
    struct Turn {
        var input: Input
        var command: Command?
        var settings: SettingsCommand?
        var context: Context

        init(_ input: Input, _ context: Context) {
            self.input = input
            self.context = context
            command = Command(reading: input.words)
            settings = SettingsCommand(reading: input.words)
        }

        var user: User { context.user }

        /// The sender's name as it may be shown: one short line without marks that would format it.
        var name: String? {
            let unwanted: Set<Unicode.Scalar> = ["*", "_", "~", "`"]
            var shown = ""
            for scalar in (user.displayName ?? "").unicodeScalars {
                guard shown.unicodeScalars.count < 40 else { break }
                if scalar.isSpace || scalar.properties.isWhitespace {
                    if !shown.isEmpty, shown.last != " " { shown.append(" ") }
                } else if scalar.isShowable, !unwanted.contains(scalar) {
                    shown.unicodeScalars.append(scalar)
                }
            }
            while shown.last == " " { shown.removeLast() }
            return shown.isEmpty ? nil : shown
        }

        /// The question that a state asks.
        var termsQuestion: Reply { .termsQuestion(termsURL: context.termsURL) }
        var codeQuestion: Reply { .codeQuestion(mayChangeNumber: user.isKnownByUsernameOnly) }
        var codeHelp: Reply { .help(.code(mayChangeNumber: user.isKnownByUsernameOnly)) }

        var welcomeBack: Reply.Preface { .welcomeBack(name: name) }

        /// What someone who is registered is shown.
        var menu: Reply { context.claiming == nil ? .menu : .claim(.menu) }

        /// The message is a one-time code and nothing else.
        var isBareCode: Bool {
            Conversation.codeCandidate(in: input.words) != nil
                && input.words.unicodeScalars.allSatisfy { $0.decimalDigit != nil || $0.isSpace }
        }

        /// Says that the message was of no use, and asks again.
        ///
        /// What was said of a journey so far is told, so that nobody says it again.
        func lost(_ question: Reply, _ draft: ClaimDraft? = nil, because preface: Reply.Preface? = nil) -> Reply {
            let reminder: Reply =
                if let draft, !draft.answered.isEmpty { .after(.claim(.soFar(draft)), question) } else { question }
            return .after(preface ?? uselessness, reminder)
        }

        /// Why a message is of no use: nothing in it was understood, or it is of a kind that cannot be.
        private var uselessness: Reply.Preface {
            if context.claiming != nil, let problem = input.problem { return .claim(.photoRefused(problem)) }
            // A picture or a file may be of use where claims are taken, but not one of this type.
            if context.claiming != nil, input.kind == .photo || input.kind == .document {
                return .claim(.photoUnreadable)
            }
            return input.kind.map { .cannotRead($0) } ?? .notUnderstood
        }
    }
}

extension Unicode.Scalar {
    var isShowable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
