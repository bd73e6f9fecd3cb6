extension FormParameters {
    /// The body of a form with these parameters, as Twilio's REST API and its webhooks write one: a space is `+`.
    package static func encode(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in parameters {
            if !body.isEmpty { body.append(UInt8(ascii: "&")) }
            append(name, to: &body)
            body.append(UInt8(ascii: "="))
            append(value, to: &body)
        }
        return body
    }

    private static func append(_ text: String, to body: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                body.append(byte)
            case UInt8(ascii: " "): body.append(UInt8(ascii: "+"))
            default: body += PercentEncoding.triplet(byte)
            }
        }
    }
}
