import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct MessagesAPITests {
    private static let key = (sid: "SK00000000000000000000000000000001", secret: "key-secret")

    @Test func onlyTheAccountAndItsKeyMayCall() async throws {
        try await withSimulator {
            $0.apiKey = (Self.key.sid, Secret(Self.key.secret))
        } _: { simulator in
            let wrong = try await simulator.twilio(.GET, password: "another")
            #expect(wrong.status == 401)
            #expect(wrong.json["code"] == 20003 && wrong.json["status"] == 401)
            #expect(wrong.json["more_info"] == "https://www.twilio.com/docs/errors/20003")
            #expect(try await simulator.api(.GET, RunningSimulator.messages).status == 401)
            #expect(try await simulator.twilio(.GET, user: Self.key.sid, password: Self.key.secret).status == 200)
            #expect(try await simulator.twilio(.GET).status == 200)
        }
    }

    @Test func anotherAccountIsNotFound() async throws {
        try await withSimulator { simulator in
            let other = RunningSimulator.messages.replacing("AC4c", with: "ACff")
            let answer = try await simulator.twilio(.GET, other)
            #expect(answer.status == 404 && answer.json["code"] == 20404)
            let missing = RunningSimulator.messages.replacing(
                ".json", with: "/SM\(String(repeating: "0", count: 32)).json")
            #expect(try await simulator.twilio(.GET, missing).json["code"] == 20404)
            let account = "/2010-04-01/Accounts/\(RunningSimulator.account).json"
            #expect(try await simulator.twilio(.GET, account).json["status"] == "active")
        }
    }

    @Test func aMessageHasTwiliosTypes() async throws {
        try await withSimulator(statusInterval: .seconds(60)) { simulator in
            let answer = try await simulator.create("Hello 👍")
            #expect(answer.status == 201)
            let json = answer.json
            let sid = try #require(json["sid"].string)
            #expect(sid.hasPrefix("SM") && sid.count == 34)
            #expect(json["status"] == "queued" && json["direction"] == "outbound-api")
            #expect(json["num_segments"] == "1" && json["num_media"] == "0")
            #expect(json["price"] == .null && json["error_code"] == .null && json["date_sent"] == .null)
            #expect(json["body"] == "Hello 👍" && json["api_version"] == "2010-04-01")
            #expect(json["from"] == .string(RunningSimulator.sender) && json["messaging_service_sid"] == .null)
            let created = try #require(json["date_created"].string)
            #expect(created.hasSuffix(" +0000") && TwilioDate.span(created) != nil)
            let uri = "/2010-04-01/Accounts/\(RunningSimulator.account)/Messages/\(sid)"
            #expect(json["uri"] == .string(uri + ".json"))
            #expect(json["subresource_uris"]["media"] == .string(uri + "/Media.json"))
            #expect(answer.response.headers.first(name: "Twilio-Request-Id")?.hasPrefix("RQ") == true)
            #expect(try await simulator.twilio(.GET, uri + ".json").json == json)
        }
    }

    @Test(
        arguments: [
            ([("From", RunningSimulator.sender), ("Body", "a")], 21604),
            ([("To", "whatsapp:07700900123"), ("From", RunningSimulator.sender), ("Body", "a")], 21211),
            ([("To", "whatsapp:+447700900123"), ("Body", "a")], 21603),
            ([("To", "whatsapp:+447700900123"), ("From", RunningSimulator.sender)], 21602),
            ([("To", "whatsapp:+447700900123"), ("From", "whatsapp:+15550000000"), ("Body", "a")], 63007),
            ([("To", "+447700900123"), ("From", "+15550000000"), ("Body", "a")], 21606),
            ([("To", "+447700900123"), ("From", RunningSimulator.sender), ("Body", "a")], 21910),
            (
                [
                    ("To", "whatsapp:+447700900123"), ("From", RunningSimulator.sender),
                    ("Body", String(repeating: "a", count: 1601)),
                ], 21617
            ),
            (
                [
                    ("To", "whatsapp:+447700900123"), ("From", RunningSimulator.sender), ("Body", "a"),
                    ("StatusCallback", "bot.example.com"),
                ], 21609
            ),
        ] as [([(String, String)], Int)])
    func whatTwilioRefuses(_ form: [(String, String)], code: Int) async throws {
        try await withSimulator { simulator in
            let answer = try await simulator.twilio(.POST, form: form)
            #expect(answer.status == 400 && answer.json["code"] == .integer(code), "\(answer.json)")
            #expect(try await simulator.twilio(.GET).json["messages"].array.isEmpty)
        }
    }

    @Test func longTextsAreAcceptedUpToTheLimit() async throws {
        try await withSimulator { simulator in
            let answer = try await simulator.create(String(repeating: "a", count: 1600))
            #expect(answer.status == 201)
        }
    }

    @Test func aMessagingServiceChoosesTheSenderLater() async throws {
        try await withSimulator { simulator in
            let service = "MG00000000000000000000000000000001"
            let form = [("To", "+447700900123"), ("MessagingServiceSid", service), ("Body", "123456")]
            let answer = try await simulator.twilio(.POST, form: form)
            #expect(answer.json["status"] == "accepted" && answer.json["from"] == .null)
            #expect(answer.json["num_segments"] == "0")
            let uri = try #require(answer.json["uri"].string)
            try await until("it is delivered") { try await simulator.twilio(.GET, uri).json["status"] == "delivered" }
            #expect(try await simulator.twilio(.GET, uri).json["from"] == .string(RunningSimulator.smsSender))
        }
    }

    @Test func whoSaidStopBySMSGetsNone() async throws {
        try await withSimulator { simulator in
            let sms = "+447700900123"
            #expect(try await simulator.create("1", to: sms, from: RunningSimulator.smsSender).status == 201)
            let path = "/api/passengers/p1/messages"
            #expect(try await simulator.api(.POST, path, #"{"text":"stop","channel":"sms"}"#).status == 201)
            let refused = try await simulator.create("2", to: sms, from: RunningSimulator.smsSender)
            #expect(refused.json["code"] == 21610)
            #expect(try await simulator.create("3").status == 201)
            #expect(try await simulator.api(.POST, path, #"{"text":"start","channel":"sms"}"#).status == 201)
            #expect(try await simulator.create("4", to: sms, from: RunningSimulator.smsSender).status == 201)
            #expect(simulator.service.webhooks.isEmpty)
        }
    }

    @Test func messagesAreRedactedAndDeleted() async throws {
        try await withSimulator { simulator in
            let uri = try #require(try await simulator.create("secret").json["uri"].string)
            #expect(try await simulator.twilio(.POST, uri, form: [("Body", "other")]).status == 400)
            #expect(try await simulator.twilio(.POST, uri, form: [("Body", "")]).json["body"] == "")
            #expect(try await simulator.twilio(.DELETE, uri).status == 204)
            #expect(try await simulator.twilio(.GET, uri).status == 404)
        }
    }
}
