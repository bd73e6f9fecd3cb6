import Common
import NIOHTTP1

/// A request of somebody who is let in.
struct Visit: Sendable {
    let request: HTTPServerRequest
    let session: Session
    let console: Console
    /// The address' parameters.
    let query: FormParameters
    /// The fields of a form that was posted.
    let form: FormParameters

    /// A page of ours around `content`.
    func page(
        _ title: String, _ section: PageFrame.Section?, _ content: HTML, status: HTTPResponseStatus = .ok,
        isLive: Bool = false
    ) -> HTTPServerResponse {
        let frame = PageFrame(
            title: title, section: section, session: session, notice: console.access.sessions.takeNotice(of: session),
            hasLogOut: session.isLoggedIn, isLive: isLive)
        return .page(frame.html(content), status: status)
    }

    /// On to `path`, where `notice` is told.
    func done(_ notice: Notice, at path: String) -> HTTPServerResponse {
        console.access.sessions.tell(notice, to: session)
        return .seeOther(path)
    }

    /// Writes down who did what, for those who ask later; `details` hold no personal data.
    func note(_ what: String, _ details: [String: String] = [:]) {
        console.note(what, session, request, details)
    }

    /// What follows `prefix` in the path.
    func path(after prefix: String) -> Substring { request.path.dropFirst(prefix.count) }
}

extension FormParameters {
    /// All values under `name` that are text and not empty, in their order.
    func all(_ name: String) -> [String] {
        (0..<count).compactMap { place in
            let pair = self[place]
            guard pair.name.elementsEqual(name.utf8), !pair.value.isEmpty else { return nil }
            return String(validating: pair.value, as: UTF8.self)
        }
    }
}
