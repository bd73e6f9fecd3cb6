import Common

/// A small line of how something went, drawn as SVG; what it says is in words beside it too.
struct Sparkline: Sendable {
    let values: [Double]
    let label: String
    /// How many values there will be; a shorter line stands at the right.
    let length: Int

    private static let (width, height) = (240, 36)

    var html: HTML {
        guard let peak = values.max(), values.count > 1 else {
            return #"<svg class="spark" viewBox="0 0 240 36" aria-hidden="true" focusable="false"></svg>"#
        }
        let step = Double(Self.width) / Double(max(1, length - 1))
        let start = Double(Self.width) - step * Double(values.count - 1)
        let scale = peak > 0 ? Double(Self.height - 3) / peak : 0
        let points = values.enumerated().map { place, value in
            "\(Self.tenths(start + step * Double(place))),\(Self.tenths(Double(Self.height) - 1.5 - value * scale))"
        }
        let line = points.joined(separator: " ")
        let area = "\(Self.tenths(start)),\(Self.height) \(line) \(Self.width),\(Self.height)"
        return #"""
            <svg class="spark" viewBox="0 0 240 36" preserveAspectRatio="none" role="img" aria-label="\#(label)" focusable="false"><polygon points="\#(area)"/><polyline points="\#(line)"/></svg>
            """#
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
