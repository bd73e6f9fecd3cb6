extension Conversation {
    /// Whether a text, the name of a button say, is one of the commands that some state understands.
    package static func isCommand(_ text: String) -> Bool {
        switch Command(reading: text) {
        case .greeting, nil: SettingsCommand(reading: text) != nil || ClaimCommand(reading: text) != nil
        case .yes, .no, .terms, .resend, .changeNumber, .help, .menu, .restart, .logout, .stop, .start, .deleteMyData,
            .reallyDelete:
            true
        }
    }
}
