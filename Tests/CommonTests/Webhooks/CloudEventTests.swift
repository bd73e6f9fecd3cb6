import Common
import Testing

@Suite struct CloudEventTests {
    private func event(_ change: (inout CloudEvent) -> Void = { _ in }) -> CloudEvent {
        var event = CloudEvent(
            id: "0190f3c2-0000-7000-8000-000000000001", type: "user.verified", source: "whatsapp-handler",
            subject: "0190f3c2-0000-7000-8000-000000000002", time: Timestamp(seconds: 1_795_392_000), sequence: 42,
            dataVersion: 1, correlationID: "c-1", causationID: "SM1", traceparent: "00-a-b-01",
            data: #"{"user_id": "é\"", "n": [1, {"x": null}]}"#)
        change(&event)
        return event
    }

    @Test func theStructuredFormIsOneObjectWithTheDataAsTheyAre() {
        let text = String(decoding: event().structured, as: UTF8.self)
        #expect(
            text == #"{"specversion":"1.0","id":"0190f3c2-0000-7000-8000-000000000001","source":"whatsapp-handler","#
                + #""type":"user.verified","subject":"0190f3c2-0000-7000-8000-000000000002","#
                + #""time":"2026-11-23T00:00:00.000Z","datacontenttype":"application/json","dataversion":1,"#
                + #""sequence":"0000000000000000042","partitionkey":"0190f3c2-0000-7000-8000-000000000002","#
                + #""correlationid":"c-1","causationid":"SM1","traceparent":"00-a-b-01","#
                + #""data":{"user_id": "é\"", "n": [1, {"x": null}]}}"#)
    }

    @Test func whatIsAbsentIsLeftOutAndAReplaySaysSo() throws {
        let bare = event {
            $0.correlationID = nil
            $0.causationID = nil
            $0.traceparent = nil
        }
        let names = bare.attributes.map(\.name)
        #expect(!names.contains("correlationid") && !names.contains("traceparent") && !names.contains("replay"))
        let replay = try #require(JSONValue(parsing: event { $0.isReplay = true }.structured))
        #expect(replay["replay"] == .bool(true))
        #expect(replay["id"] == .string(event().id))
    }

    /// Names of attributes are lower-case letters and digits, 20 at most (CloudEvents 1.0, "Naming conventions").
    @Test func namesAreThoseOfAttributes() {
        for member in event({ $0.isReplay = true }).attributes {
            #expect((1...20).contains(member.name.utf8.count))
            #expect(member.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }, "\(member.name)")
        }
    }

    /// Texts of sequences compare as the numbers do.
    @Test func sequencesSortAsTexts() {
        let numbers: [Int64] = [0, 1, 9, 10, 99, 12_345_678_901, .max]
        let texts = numbers.map { number in
            event { $0.sequence = number }.attributes.first { $0.name == "sequence" }?.value.string ?? ""
        }
        #expect(texts == texts.sorted() && Set(texts).count == texts.count)
    }

    @Test(
        arguments: [
            ("https://example.org", "https://example.org"), ("http://127.0.0.1:80/a?b=c", "http://127.0.0.1:80"),
            ("https://me:secret@example.org:8443/hook/token?key=1", "https://example.org:8443"),
            ("HTTPS://Example.org/a@b", "HTTPS://Example.org"), ("https://a@b@example.org/", "https://example.org"),
            ("https://[2001:db8::1]:8/x", "https://[2001:db8::1]:8"),
            ("https://example.org?x=1", "https://example.org"),
        ])
    func anEndpointShowsItsOriginOnly(text: String, origin: String) throws {
        let endpoint = try #require(WebhookEndpoint(text))
        #expect(endpoint.origin.text == origin)
        #expect(endpoint.url.value == text)
        #expect(!"\(endpoint)".contains("secret"))
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org", "https://", "https://?a", "https://a b", "https://e.org/#f",
        "https://user@", "https://e.org:0", "https://e.org:99999", "file:///etc/passwd", "https:/e.org",
        "https://é.org",
    ])
    func whatIsNoEndpoint(text: String) { #expect(WebhookEndpoint(text) == nil) }
}
