import Common

/// The parameters of a status callback.
enum StatusForm {
    /// Of what `message` has become; `install` stands for the account's WhatsApp sender.
    static func make(_ message: Message, status: MessageStatus, account: String, install: String) -> FormBody {
        var form = FormBody()
        if message.isWhatsApp { form.add("ChannelInstallSid", install) }
        form.add("SmsSid", message.sid)
        form.add("SmsStatus", status.rawValue)
        if message.isWhatsApp { form.add("ChannelPrefix", "whatsapp") }
        form.add("MessageStatus", status.rawValue)
        form.add("To", message.to)
        if message.isWhatsApp {
            form.add("ChannelToAddress", masked(message.to))
            if !message.to.hasPrefix("whatsapp:+") { form.add("ExternalUserId", message.to) }
        }
        form.add("MessageSid", message.sid)
        form.add("AccountSid", account)
        form.add("From", message.from ?? "")
        form.add("ApiVersion", "2010-04-01")
        if status == .read { form.add("EventType", "READ") }
        if status == .undelivered || status == .failed, let code = message.errorCode {
            form.add("ErrorCode", "\(code)")
            if message.isWhatsApp { form.add("ChannelStatusMessage", DeliveryFailure.text(code)) }
        }
        return form
    }

    /// The number as Twilio writes it here: `+447700900XXX`.
    private static func masked(_ address: String) -> String {
        address.dropFirst("whatsapp:".count).dropLast(3) + "XXX"
    }
}
