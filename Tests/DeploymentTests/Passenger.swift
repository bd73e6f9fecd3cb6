import Common
import NIOHTTP1
import TestSupport

/// Somebody on a phone of the simulator's.
struct Passenger: Sendable {
    let product: Product
    let id: String
    let number: String
    var chat: String { "whatsapp:" + number }

    /// The phone that the simulator starts with.
    static func first(_ product: Product) -> Passenger {
        Passenger(product: product, id: "p1", number: "+447700900123")
    }

    static func new(_ name: String, _ number: String, _ product: Product) async throws -> Passenger {
        let answer = try await post("/api/passengers", #"{"name":"\#(name)","number":"\#(number)"}"#, product)
        guard let id = JSONValue(parsing: answer)?["id"]?.string else { throw HarnessError("there is no new phone") }
        return Passenger(product: product, id: id, number: number)
    }

    /// Writes, and gives back the message's SID; whether it arrives is another matter.
    @discardableResult
    func write(_ text: String) async throws -> String {
        let answer = try await Self.post("/api/passengers/\(id)/messages", #"{"text":"\#(text)"}"#, product)
        guard let sid = String(decoding: answer, as: UTF8.self).firstMatch(of: /SM[0-9a-f]{32}/) else {
            throw HarnessError("the message has no SID")
        }
        return String(sid.0)
    }

    /// Writes and waits for one more message in the chat.
    @discardableResult
    func say(_ text: String) async throws -> String {
        let before = try await product.replies(to: chat).count
        let sid = try await write(text)
        try await replies(before + 1)
        return sid
    }

    func replies(_ count: Int) async throws {
        try await until("\(count) messages have come", within: .seconds(60)) {
            try await product.replies(to: chat).count >= count
        }
    }

    /// From the first word to the menu; gives back the messages' SIDs.
    func register() async throws -> [String] {
        var sids = [try await say("hi"), try await say("YES")]
        try await until("the code has come") { try await !product.replies(to: number).isEmpty }
        let text = try await product.replies(to: number).last ?? ""
        guard let code = text.firstMatch(of: /[0-9]{6}/) else { throw HarnessError("there is no code") }
        sids.append(try await say(String(code.0)))
        return sids
    }

    private static func post(_ path: String, _ json: String, _ product: Product) async throws -> [UInt8] {
        var request = HTTPRequest(.POST, product.url(.simulator, path), body: Array(json.utf8))
        request.headers = ["Content-Type": "application/json"]
        let answer = try await product.http.send(request)
        guard answer.status == 201 else { throw HarnessError("the simulator answered \(answer.status)") }
        return answer.body
    }
}
