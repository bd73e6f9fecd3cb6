import Common
import TestSupport

/// What is wrong with a page for people who do not see it, do not use a mouse, or hold it in a hand.
///
/// After the rules of https://www.w3.org/TR/WCAG22/ that can be checked by looking at the page alone.
enum PageCheck {
    static func complaints(_ browser: Browser, touch: Bool = false) async throws -> [String] {
        try await browser.script(source, .bool(touch)).array.compactMap(\.string)
    }

    private static let source = #"""
        const touch = arguments[0], complaints = [];
        const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getBoundingClientRect().width > 1;
        const name = (each) => (each.getAttribute("aria-label") ?? "").trim() || each.textContent.trim()
          || [...each.querySelectorAll("img")].map((image) => image.alt).join("");
        const told = (each) => each.outerHTML.slice(0, 90);
        const say = (rule, each) => complaints.push(rule + ": " + told(each));
        const all = (selector) => [...document.querySelectorAll(selector)];

        if (!document.documentElement.lang) complaints.push("no language");
        if (!document.title.trim()) complaints.push("no title");
        if (all("h1").length !== 1) complaints.push("headings of the first level: " + all("h1").length);
        if (all("main").length !== 1) complaints.push("no main part");
        let level = 0;
        for (const heading of all("h1, h2, h3, h4")) {
          const now = Number(heading.tagName[1]);
          if (now > level + 1) say("a level is skipped", heading);
          level = now;
        }
        const ids = all("[id]").map((each) => each.id);
        for (const id of ids.filter((id, place) => ids.indexOf(id) !== place)) complaints.push("twice: #" + id);
        for (const each of all("input:not([type=hidden]), select, textarea"))
          if (![...(each.labels ?? [])].some((label) => label.textContent.trim()) && !each.getAttribute("aria-label")) say("no label", each);
        for (const each of all("button, a[href], summary")) if (!name(each)) say("no name", each);
        for (const each of all("img")) if (!each.hasAttribute("alt")) say("no alternative", each);
        for (const each of all("[role=img]")) if (!each.getAttribute("aria-label")) say("no name", each);
        for (const each of all("table")) if (!each.caption?.textContent.trim()) say("no caption", each);
        for (const each of all("th")) if (!each.scope) say("no scope", each);
        for (const each of all("nav, [role=search]")) if (!each.getAttribute("aria-label")) say("no name", each);
        for (const each of all("[tabindex]")) if (each.tabIndex > 0) say("its own order", each);
        for (const each of all("[aria-labelledby], [aria-describedby]"))
          for (const id of (each.getAttribute("aria-labelledby") ?? each.getAttribute("aria-describedby")).split(" "))
            if (!document.getElementById(id)) say("leads nowhere", each);
        for (const each of all("[style], script:not([src]), style")) say("inline", each);

        if (document.scrollingElement.scrollWidth > innerWidth)
          complaints.push("wider than the window: " + document.scrollingElement.scrollWidth + " > " + innerWidth + " "
            + all("body *").filter((each) => seen(each) && each.getBoundingClientRect().right > innerWidth + 1).map(told).slice(-2));
        if (touch)
          for (const each of all("button, .button, select, summary, nav a, input:not([type=hidden], [type=checkbox]), label.pick, table a, .trail a"))
            if (seen(each) && each.getBoundingClientRect().height < 43.5) say("too small to touch, " + each.getBoundingClientRect().height, each);

        const light = (color) => color.map((part) => part / 255)
          .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
          .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
        const color = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
        const ground = (each) => {
          for (let at = each; at; at = at.parentElement) {
            const found = color(getComputedStyle(at).backgroundColor);
            if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
          }
          return [255, 255, 255];
        };
        for (const each of all("body *")) {
          if (![...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || !seen(each)) continue;
          const style = getComputedStyle(each);
          if (each.closest(".unseen, .skip, thead, [disabled], option") && !each.matches("thead th")) continue;
          const [a, b] = [light(color(style.color).slice(0, 3)), light(ground(each))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          const size = parseFloat(style.fontSize);
          const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
          if (contrast < least) say("contrast " + contrast.toFixed(2), each);
        }
        return complaints;
        """#
}
