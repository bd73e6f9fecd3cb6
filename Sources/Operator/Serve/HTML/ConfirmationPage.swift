/// Asks once more before something is changed: says what, and how much of it.
struct ConfirmationPage: Sendable {
    /// A question: `Replay 12 dead letters?`.
    var question: String
    /// What happens then, a sentence each.
    var consequences: [String]
    /// What the button says: the verb.
    var verb: String
    /// What cannot be taken back has a red button.
    var isDestructive = false
    /// Nil when there is nothing to be done: only the way back is offered.
    var action: String?
    /// Further hidden fields of the form.
    var fields: [(name: String, value: String)] = []
    /// Where Cancel leads.
    var back: String

    func html(_ session: Session) -> HTML {
        let form: HTML? = action.map { action in
            let hidden: [HTML] = fields.map { #"<input type="hidden" name="\#($0.name)" value="\#($0.value)">"# }
            let kind: HTML = isDestructive ? "danger" : "primary"
            return #"""
                <form method="post" action="\#(action)" data-once>\#(session.field)\#(hidden)
                <button class="\#(kind)" data-testid="confirm"\#(" autofocus", if: !isDestructive)>\#(verb)</button></form>
                """#
        }
        return #"""
            <section class="confirmation"><h1>\#(question)</h1>
            \#(consequences.map { "<p>\($0)</p>" as HTML })
            <div class="actions">\#(form)<a class="button" href="\#(back)" data-testid="cancel">\#(action == nil ? "Back" : "Cancel")</a></div></section>
            """#
    }
}
