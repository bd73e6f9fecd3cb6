extension Double {
    /// As the text format writes numbers: whole ones without a fraction, and its own words for the rest.
    var prometheus: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        if self == rounded(), abs(self) < 1e15 { return "\(Int64(self))" }
        return "\(self)"
    }
}

extension String {
    /// A metric's name with underscores for what names must not have.
    var metricName: String { replacing(allowing: UInt8(ascii: ":")) }
    var labelName: String { replacing(allowing: nil) }

    private func replacing(allowing extra: UInt8?) -> String {
        var bytes = utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                byte
            case _: byte == extra ? byte : UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? true {
            bytes.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Escaped as the text format wants label values.
    var labelValue: String {
        guard utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return self }
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
