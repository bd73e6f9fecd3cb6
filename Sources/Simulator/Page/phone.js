// One passenger's phone: the WhatsApp conversation, the SMS, and what is needed to answer.

import { answerTo, conversation, isAccepted, model } from "./model.js";
import { element, icon, post, time } from "./dom.js";
import { codeIn, quickReplies } from "./replies.js";

const largest = 16 * 1024 * 1024;
const words = { accepted: "Accepted", queued: "Queued", sent: "Sent", delivered: "Delivered", read: "Read",
  failed: "Failed", undelivered: "Not delivered", received: "Received" };

/** The phone as an object: `root` to show, `update()` after changes, `open(channel)` to switch. */
export function makePhone(passenger) {
  const id = passenger.id;
  let channel = "whatsapp";
  let usedCode = null;
  const drawn = new Map();

  const chat = element("div", { class: "log chat", role: "log", "aria-live": "polite", "aria-relevant": "additions",
    "aria-label": `Chat of ${passenger.name}`, tabindex: "0", "data-testid": "chat" });
  const sms = element("div", { class: "log sms", role: "log", "aria-live": "polite", "aria-relevant": "additions",
    "aria-label": `SMS of ${passenger.name}`, tabindex: "0", "data-testid": "sms", hidden: true });
  const logs = { whatsapp: chat, sms };

  const quick = element("div", { class: "quick", role: "group", "aria-label": "Quick replies", "data-testid": "quick-replies" });
  const composer = element("textarea", { id: `composer-${id}`, rows: "1", maxlength: "4096", placeholder: "Message",
    "data-testid": "composer", enterkeyhint: "send", "aria-describedby": `problem-${id}` });
  const send = element("button", { type: "submit", class: "send", "aria-label": "Send", "data-testid": "send" }, icon("send"));
  const file = element("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true",
    accept: "image/jpeg,image/png,image/webp,application/pdf", "data-testid": "file" });
  const attach = element("button", { type: "button", class: "attach", "aria-label": "Send a photo or PDF",
    "data-testid": "attach", onclick: () => file.click() }, icon("attach"));
  const problem = element("p", { class: "problem", id: `problem-${id}`, role: "alert", "data-testid": "problem", hidden: true });
  const form = element("form", { class: "composer" }, attach,
    element("label", { class: "visually-hidden", for: `composer-${id}` }, `Message from ${passenger.name}`),
    composer, send, file);
  const banner = element("button", { type: "button", class: "banner", "data-testid": "sms-banner", hidden: true,
    onclick: () => open("sms") });
  const smsCount = element("b", { hidden: true });
  const switches = {
    whatsapp: element("button", { type: "button", "aria-pressed": "true", "data-testid": "channel-whatsapp",
      onclick: () => open("whatsapp") }, "WhatsApp"),
    sms: element("button", { type: "button", "aria-pressed": "false", "data-testid": "channel-sms",
      onclick: () => open("sms") }, "SMS", smsCount),
  };
  const title = element("strong", {}, "Delay Repay");
  const subtitle = element("span", {}, "");

  const root = element("section", { class: "phone", "data-passenger": id, "aria-label": `Phone of ${passenger.name}` },
    element("div", { class: "screen" },
      element("header", { class: "bar" },
        element("span", { class: "mark" }, icon("train")),
        element("span", { class: "bar-words" }, title, subtitle),
        element("span", { class: "channels", role: "group", "aria-label": "Channel" }, switches.whatsapp, switches.sms)),
      banner, chat, sms, quick, problem, form),
    element("p", { class: "owner" }, `${passenger.name} · ${passenger.username ? "@" + passenger.username : passenger.number}`));

  // MARK: Sending

  function fail(reason) {
    problem.textContent = reason;
    problem.hidden = false;
  }

  async function say(message) {
    problem.hidden = true;
    banner.hidden = true;
    try {
      await post(`/api/passengers/${id}/messages`, { ...message, channel });
      return true;
    } catch (error) {
      fail(error.message === "Failed to fetch" ? "The simulator cannot be reached. Try again." : error.message);
      return false;
    }
  }

  async function submit() {
    const text = composer.value;
    if (!text.trim()) return;
    composer.value = "";
    grow();
    if (!(await say({ text })) && !composer.value) composer.value = text;
    grow();
  }

  async function upload(blob) {
    problem.hidden = true;
    if (blob.size > largest) return fail("That file is larger than 16 MB, which is all that WhatsApp takes.");
    form.classList.add("busy");
    try {
      const caption = composer.value.trim();
      const answer = await fetch(`/api/passengers/${id}/photo?caption=${encodeURIComponent(caption)}`,
        { method: "POST", headers: { "Content-Type": blob.type || "application/octet-stream" }, body: blob });
      if (!answer.ok) throw new Error((await answer.json()).message);
      composer.value = "";
      grow();
    } catch (error) {
      fail(error.message || "The photo could not be sent.");
    }
    form.classList.remove("busy");
    composer.focus();
  }

  function grow() {
    composer.style.height = "auto";
    composer.style.height = `${Math.min(composer.scrollHeight, 120)}px`;
    form.classList.toggle("filled", composer.value.trim() !== "");
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  composer.addEventListener("input", grow);
  composer.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  composer.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0) return;
    event.preventDefault();
    pasted.forEach(upload);
  });
  file.addEventListener("change", () => { [...file.files].forEach(upload); file.value = ""; });
  root.addEventListener("dragover", (event) => { event.preventDefault(); root.classList.add("dropping"); });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) root.classList.remove("dropping");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("dropping");
    [...event.dataTransfer.files].forEach(upload);
  });

  // MARK: Showing

  function open(wanted) {
    channel = wanted;
    for (const [name, log] of Object.entries(logs)) {
      log.hidden = name !== wanted;
      switches[name].setAttribute("aria-pressed", String(name === wanted));
    }
    attach.hidden = wanted === "sms";
    composer.placeholder = wanted === "sms" ? "Text message: STOP or START" : "Message";
    banner.hidden = true;
    if (wanted === "sms") seen = conversation(id, "sms").length;
    update();
    toEnd(logs[wanted]);
    root.dispatchEvent(new CustomEvent("channel", { bubbles: true, detail: wanted }));
  }

  let seen = conversation(id, "sms").length;

  // A log that is at its end stays there when the keyboard or the quick replies take some of its room.
  for (const log of Object.values(logs)) {
    let atEnd = true;
    log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60; });
    new ResizeObserver(() => { if (atEnd) toEnd(log); }).observe(log);
  }

  function ticks(message) {
    if (message.direction === "outbound") {
      const failed = message.status === "failed" || message.status === "undelivered";
      const name = failed ? "alert" : message.status === "read" || message.status === "delivered" ? "ticks"
        : message.status === "sent" ? "tick" : "clock";
      return [name, message.status, failed ? `${words[message.status]}: ${message.error} (${message.errorCode})` : words[message.status]];
    }
    if (message.channel === "sms") return ["tick", "sent", "Sent"];
    const answer = answerTo(message.sid);
    if (!answer) return ["clock", "queued", "On its way to the service"];
    return isAccepted(answer) ? ["ticks", "delivered", "The service has it"]
      : ["alert", "failed", `The service answered ${answer.status ?? answer.failure}`];
  }

  function foot(message) {
    const [name, status, label] = ticks(message);
    const state = element("span", { class: `ticks ${status}`, role: "img", "aria-label": label, title: label,
      "data-testid": "ticks", "data-status": status }, icon(name));
    return element("span", { class: "foot" }, element("time", { datetime: message.at }, time(message.at)), state);
  }

  function attachment(media) {
    if (media.url.startsWith("/") && media.contentType.startsWith("image/")) {
      const image = element("img", { src: media.url, alt: "Photo", loading: "lazy" });
      image.addEventListener("load", () => toEnd(chat));
      return element("a", { class: "photo", href: media.url, target: "_blank", rel: "noopener" }, image);
    }
    return element("a", { class: "document", href: media.url, target: "_blank", rel: "noopener" },
      media.contentType === "application/pdf" ? "PDF document" : media.contentType || "Attachment");
  }

  function bubble(message) {
    const side = message.direction === "inbound" ? "mine" : "theirs";
    const made = element("article", { class: `bubble ${side}`, "data-sid": message.sid, "data-direction": message.direction,
      "data-testid": "message" });
    made.append(element("span", { class: "visually-hidden" }, side === "mine" ? "You: " : "Delay Repay: "));
    message.media.forEach((media) => made.append(attachment(media)));
    if (message.body) made.append(formatted(message.body));
    made.append(foot(message));
    return made;
  }

  function draw(log, messages) {
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
    let added = false;
    let day = null;
    const kept = new Set(messages.map((each) => each.sid));
    for (const [sid, shown] of drawn) {
      if (shown.log === log && !kept.has(sid)) { shown.node.remove(); drawn.delete(sid); }
    }
    if (log.childElementCount === 0) log.append(element("p", { class: "empty" }, emptyText(log)));
    if (messages.length > 0) log.querySelector(".empty")?.remove();
    for (const message of messages) {
      const shown = drawn.get(message.sid);
      if (!shown) {
        const date = new Date(message.at).toDateString();
        day ??= log.dataset.day;
        if (date !== day) {
          log.dataset.day = date;
          log.append(element("p", { class: "day" }, date === new Date().toDateString() ? "Today" : date));
        }
        day = date;
        const node = bubble(message);
        drawn.set(message.sid, { node, log, body: message.body });
        log.append(node);
        added = true;
      } else {
        if (shown.body !== message.body) {
          const fresh = bubble(message);
          shown.node.replaceWith(fresh);
          Object.assign(shown, { node: fresh, body: message.body });
        } else {
          const [, status, label] = ticks(message);
          const state = shown.node.querySelector(".ticks");
          if (state.dataset.status !== status || state.title !== label) shown.node.querySelector(".foot").replaceWith(foot(message));
        }
      }
    }
    if (added && (near || messages.at(-1).direction === "inbound")) toEnd(log);
  }

  function emptyText(log) {
    return log === chat ? "Write anything to start, for example “hello” or “my train was late”."
      : passenger.number ? `SMS to ${passenger.number} appear here.` : "This passenger has no number for SMS.";
  }

  function offer(messages, texts) {
    const last = messages.at(-1);
    const wanted = [];
    const code = texts.length > 0 ? codeIn(texts.at(-1).body) : null;
    if (channel === "whatsapp" && code && code !== usedCode && !messages.some((each) => each.body.includes(code) && each.direction === "inbound")) {
      wanted.push({ label: `Code from SMS: ${code}`, text: code, isCode: true });
    }
    if (channel === "whatsapp" && last?.direction === "outbound") {
      // What came since the passenger's last word is one answer, in however many parts.
      const since = messages.findLastIndex((each) => each.direction === "inbound") + 1;
      for (const each of messages.slice(since)) {
        for (const reply of quickReplies(each.body)) {
          if (!wanted.some((other) => other.text === reply.text)) wanted.push({ ...reply, repliedTo: each.sid });
        }
      }
    }
    const key = JSON.stringify(wanted);
    if (quick.dataset.key === key) return;
    const hadFocus = quick.contains(document.activeElement);
    quick.dataset.key = key;
    quick.replaceChildren(...wanted.slice(0, 8).map((each) => element("button", { type: "button", class: each.isCode ? "code" : null,
      "data-testid": "quick-reply", "data-text": each.text, onclick: () => press(each) }, each.label)));
    quick.hidden = wanted.length === 0;
    if (hadFocus) composer.focus();
  }

  function press(reply) {
    if (reply.isCode) usedCode = reply.text;
    say(reply.isCode ? { text: reply.text } : { button: { text: reply.text, payload: reply.text, repliedTo: reply.repliedTo } });
    composer.focus();
  }

  function update() {
    const messages = conversation(id, "whatsapp");
    const texts = conversation(id, "sms");
    subtitle.textContent = channel === "whatsapp" ? model.whatsAppNumber : model.smsNumber ?? "no SMS number configured";
    draw(chat, messages);
    draw(sms, texts);
    offer(messages, texts);
    const incoming = texts.filter((each) => each.direction === "outbound");
    const fresh = texts.length - seen;
    if (channel === "sms") seen = texts.length;
    smsCount.hidden = channel === "sms" || fresh <= 0;
    smsCount.textContent = String(Math.max(fresh, 0));
    if (channel === "whatsapp" && fresh > 0 && banner.dataset.sid !== incoming.at(-1)?.sid) {
      banner.dataset.sid = incoming.at(-1)?.sid;
      banner.replaceChildren(icon("sms"), element("span", {}, element("strong", {}, "Text message"), incoming.at(-1)?.body ?? ""));
      banner.hidden = false;
      setTimeout(() => { banner.hidden = true; }, 6000);
    }
  }

  function toEnd(log) { log.scrollTop = log.scrollHeight; }

  open("whatsapp");
  return { root, update, open, focus: () => composer.focus(), end: () => toEnd(logs[channel]), unread: () => Math.max(conversation(id, "sms").length - seen, 0) };
}

/** The text with WhatsApp's *bold* and _italic_, and links that can be followed. */
function formatted(text) {
  const made = element("span", { class: "text", "data-testid": "text" });
  const pattern = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])|\*([^\s*][^*\n]*)\*|(?<![\p{L}\p{N}])_([^\s_][^_\n]*)_(?![\p{L}\p{N}])/gu;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    made.append(text.slice(end, match.index));
    const [whole, link, bold, italic] = match;
    if (link) made.append(element("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link));
    else if (bold) made.append(element("strong", {}, bold));
    else made.append(element("em", {}, italic));
    end = match.index + whole.length;
  }
  made.append(text.slice(end));
  return made;
}
