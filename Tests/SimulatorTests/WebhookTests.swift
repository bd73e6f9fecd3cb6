import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct WebhookTests {
    private static let say = "/api/passengers/p1/messages"

    @Test func aPassengersMessageArrivesAsTwilioSendsIt() async throws {
        try await withSimulator { simulator in
            let sent = try await simulator.api(.POST, Self.say, #"{"text":" Zug verspätet 😡\nzwei "}"#)
            #expect(sent.status == 201)
            let webhook = try await simulator.service.webhooks(1)[0]
            #expect(webhook.target == "/webhook/twilio")
            #expect(webhook.refusal() == nil)
            #expect(webhook.refusal(secret: "another") == .wrongToken)
            #expect(webhook.headers.first(name: "Content-Type") == "application/x-www-form-urlencoded; charset=UTF-8")
            #expect(webhook.headers.first(name: "User-Agent") == "TwilioProxy/1.1")
            #expect(webhook.headers.first(name: "I-Twilio-Idempotency-Token")?.count == 36)
            let form = webhook.form
            #expect(
                form.pairs.map(\.name) == [
                    "SmsMessageSid", "NumMedia", "ProfileName", "MessageType", "SmsSid", "WaId", "SmsStatus", "Body",
                    "To", "NumSegments", "ReferralNumMedia", "MessageSid", "AccountSid", "From", "ApiVersion",
                ])
            #expect(form["Body"] == " Zug verspätet 😡\nzwei ")
            #expect(form["From"] == "whatsapp:+447700900123" && form["WaId"] == "447700900123")
            #expect(form["To"] == RunningSimulator.sender && form["ProfileName"] == "Alex Morgan")
            #expect(form["MessageSid"] == sent.json["sid"].string)
            try await until("the answer is noted") {
                try await simulator.api(.GET, "/api/state").json["webhooks"].array.first?["status"] == 200
            }
        }
    }

    @Test func someoneWithAUsernameShowsNoNumber() async throws {
        try await withSimulator { simulator in
            let json = #"{"name":"Sam","username":"sam.k","number":"+447700900777"}"#
            let added = try await simulator.api(.POST, "/api/passengers", json).json
            let address = try #require(added["address"].string)
            #expect(address.hasPrefix("whatsapp:GB."))
            _ = try await simulator.api(.POST, "/api/passengers/p2/messages", #"{"text":"hello"}"#)
            let form = try await simulator.service.webhooks(1)[0].form
            #expect(form["From"] == address && form["ExternalUserId"] == address && form["WaId"] == nil)
            #expect(form.pairs.allSatisfy { !$0.value.contains("447700900777") })
            // Replies go to the id, codes to the number.
            #expect(try await simulator.create(to: address).status == 201)
            _ = try await simulator.create("123456", to: "+447700900777", from: RunningSimulator.smsSender)
            let shown = try await simulator.api(.GET, "/api/state").json["messages"].array
            #expect(shown.map { $0["passenger"] } == ["p2", "p2", "p2"])
            #expect(shown.map { $0["channel"] } == ["whatsapp", "whatsapp", "sms"])
        }
    }

    @Test func aButtonSaysWhereItStood() async throws {
        try await withSimulator { simulator in
            let sid = try #require(try await simulator.create("YES or NO?").json["sid"].string)
            let json = #"{"button":{"text":"YES","payload":"yes:1","repliedTo":"\#(sid)"}}"#
            _ = try await simulator.api(.POST, Self.say, json)
            let form = try await simulator.service.webhooks(1)[0].form
            #expect(form["Body"] == "YES" && form["ButtonText"] == "YES" && form["ButtonPayload"] == "yes:1")
            #expect(form["MessageType"] == "button" && form["OriginalRepliedMessageSid"] == sid)
        }
    }

    @Test func aPhotoIsFetchedWithTheCredentials() async throws {
        try await withSimulator { simulator in
            let photo = [UInt8].random(300_000)
            var request = HTTPRequest(.POST, simulator.url + "/api/passengers/p1/photo?caption=my+ticket", body: photo)
            request.headers = ["Content-Type": "image/jpeg"]
            #expect(try await simulator.client.send(request).status == 201)
            let form = try await simulator.service.webhooks(1)[0].form
            #expect(form["NumMedia"] == "1" && form["MediaContentType0"] == "image/jpeg")
            #expect(form["MessageType"] == "image" && form["Body"] == "my ticket")
            #expect(form["MessageSid"]?.hasPrefix("MM") == true)
            let url = try #require(form["MediaUrl0"])
            #expect(url.hasPrefix(simulator.url + "/2010-04-01/Accounts/"))
            let path = String(url.dropFirst(simulator.url.count))
            let fetched = try await simulator.twilio(.GET, path)
            #expect(fetched.response.body == photo)
            #expect(fetched.response.headers.first(name: "Content-Type") == "image/jpeg")
            #expect(try await simulator.api(.GET, path).status == 401)
            let list = path.split(separator: "/").dropLast().joined(separator: "/")
            #expect(try await simulator.twilio(.GET, "/\(list).json").json["media_list"].array.count == 1)
            request.headers = ["Content-Type": "text/html"]
            #expect(try await simulator.client.send(request).status == 415)
        }
    }

    @Test func onlyAFailureToConnectIsTriedAgainByDefault() async throws {
        try await withSimulator { simulator in
            simulator.service.answer(500)
            _ = try await simulator.api(.POST, Self.say, #"{"text":"one"}"#)
            try await until("the failure is noted") {
                try await simulator.api(.GET, "/api/state").json["webhooks"].array.first?["status"] == 500
            }
            _ = try await simulator.api(.POST, Self.say, #"{"text":"two"}"#)
            let webhooks = try await simulator.service.webhooks(2)
            #expect(webhooks.map { $0.form["Body"] } == ["one", "two"])
        }
    }

    @Test func theFragmentAsksForMoreTries() async throws {
        try await withSimulator {
            $0.webhook = WebhookAddress($0.webhook.url + "#rc=3&rp=ct,rt,5xx") ?? $0.webhook
            $0.fallback = WebhookAddress($0.webhook.url + "/fallback")
        } _: { simulator in
            simulator.service.answer(500, 503, 200)
            _ = try await simulator.api(.POST, Self.say, #"{"text":"hello"}"#)
            let webhooks = try await simulator.service.webhooks(3)
            let tokens = Set(webhooks.map { $0.headers.first(name: "I-Twilio-Idempotency-Token") })
            #expect(tokens.count == 1 && webhooks.allSatisfy { $0.refusal() == nil })
            let attempts = try await simulator.api(.GET, "/api/state").json["webhooks"].array.map { $0["attempt"] }
            #expect(attempts.starts(with: [1, 2]))
        }
    }

    @Test func theFallbackIsToldWhy() async throws {
        try await withSimulator {
            $0.fallback = WebhookAddress($0.webhook.url + "/fallback")
        } _: { simulator in
            simulator.service.answer(500)
            _ = try await simulator.api(.POST, Self.say, #"{"text":"hello"}"#)
            let webhooks = try await simulator.service.webhooks(2)
            #expect(webhooks[1].target == "/webhook/twilio/fallback" && webhooks[1].refusal() == nil)
            #expect(webhooks[1].form["ErrorCode"] == "11200")
            #expect(webhooks[1].form["ErrorUrl"] == RunningSimulator.publicBase + "/webhook/twilio")
            #expect(webhooks[1].form["MessageSid"] == webhooks[0].form["MessageSid"])
        }
    }

    @Test func otherPagesMayNotUseTheAPI() async throws {
        try await withSimulator { simulator in
            let json = #"{"text":"hello"}"#
            let foreign = try await simulator.api(.POST, Self.say, json, headers: ["Origin": "https://evil.example"])
            #expect(foreign.status == 403)
            let renamed = try await simulator.api(.GET, "/api/state", headers: ["Host": "evil.example"])
            #expect(renamed.status == 403)
            let own = try await simulator.api(.POST, Self.say, json, headers: ["Origin": simulator.url])
            #expect(own.status == 201)
        }
    }
}
