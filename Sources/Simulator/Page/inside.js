// "What happened inside": webhooks, replies and events on one line of time.

import { conversation, isAccepted, model } from "./model.js";
import { element, exactTime, find, icon, post, span } from "./dom.js";

const list = find("events");
const shown = 120;
let filter = "all";
let openEvents = new Set();

const faultKinds = [
  ["tooManyRequests", "429 to the next reply", {}], ["serverError", "500 to the next reply", {}],
  ["reset", "Lose the next answer", { accepts: true }], ["undelivered", "Next reply undelivered", {}],
  ["dropCallback", "Drop a status", {}], ["duplicateCallback", "Repeat a status", {}], ["delayCallback", "Swap two statuses", {}],
  ["dropWebhook", "Lose a message to us", {}],
];

/** Draws the panel for one passenger. */
export function drawInside(passenger) {
  const items = collect(passenger).sort((a, b) => b.moment - a.moment || b.rank - a.rank).slice(0, shown);
  const existing = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const wanted = items.filter((item) => filter === "all" || item.kind === filter);
  const nodes = wanted.map((item) => {
    const old = existing.get(item.key);
    if (old?.dataset.version === item.version) return old;
    const made = draw(item);
    if (!old) made.classList.add("fresh");
    return made;
  });
  arrange(nodes);
  if (nodes.length === 0) list.replaceChildren(element("li", { class: "nothing", "data-key": "nothing" }, "Nothing yet. Send a message and watch it go through."));
  tiles(passenger);
  find("redis").textContent = model.redis === true ? "Webhook, delivery and event stream, live"
    : model.redis === false ? "Redis cannot be reached: events do not show" : "No event stream is configured";
  find("redis").dataset.state = String(model.redis);
  faultState();
}

/** Puts the nodes into the list, moving none that stands right, so that nothing flickers or loses the focus. */
function arrange(nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

function collect(passenger) {
  const items = [];
  for (const each of model.webhooks) {
    if (each.passenger !== passenger || each.kind === "status") continue;
    const ok = isAccepted(each);
    items.push({
      kind: "webhook", key: `w${each.sid}${each.attempt}${each.kind}`, version: "1", moment: Date.parse(each.at), rank: 0, icon: "in", ok,
      title: each.kind === "fallback" ? "Fallback webhook" : ok ? "Webhook accepted" : "Webhook refused",
      meta: span(each.microseconds), detail: `POST ${each.path} → ${each.status ?? each.failure}${each.attempt > 1 ? ` (try ${each.attempt})` : ""}`,
      at: each.at, sid: each.sid,
    });
  }
  const messages = [...conversation(passenger, "whatsapp"), ...conversation(passenger, "sms")].sort((a, b) => a.sequence - b.sequence);
  let asked = null;
  for (const each of messages) {
    if (each.direction === "inbound") { asked = each; continue; }
    const callbacks = model.webhooks.filter((one) => one.sid === each.sid && one.kind === "status");
    items.push({
      kind: "reply", key: `r${each.sid}`, version: each.status + callbacks.length, moment: Date.parse(each.at), rank: 1, icon: "out",
      ok: each.status !== "failed" && each.status !== "undelivered", title: each.channel === "sms" ? "SMS sent" : "Reply sent",
      meta: asked ? `after ${span((Date.parse(each.at) - Date.parse(asked.at)) * 1000)}` : "", message: each, callbacks, at: each.at, sid: each.sid,
    });
  }
  for (const each of model.events) {
    items.push({ kind: "event", key: `e${each.entry}`, version: "1", moment: Date.parse(each.at), rank: 2, icon: "event", ok: true,
      title: each.type, meta: exactTime(each.at), event: each, at: each.at });
  }
  return items;
}

function draw(item) {
  const body = element("div", { class: "item-body" },
    element("p", { class: "item-head" }, element("strong", {}, item.title), element("span", {}, item.meta)));
  if (item.detail) body.append(element("p", { class: "item-detail" }, item.detail));
  if (item.message) body.append(steps(item.message, item.callbacks));
  if (item.event) body.append(eventBody(item.event));
  return element("li", { class: `item ${item.kind}${item.ok ? "" : " bad"}`, "data-kind": item.kind, "data-key": item.key,
    "data-version": item.version, "data-testid": `item-${item.kind}`, "data-type": item.event?.type, "data-sid": item.sid, title: exactTime(item.at) },
    element("span", { class: "item-icon" }, icon(item.icon)), body);
}

function steps(message, callbacks) {
  const course = message.channel === "sms" ? ["queued", "sent", "delivered"] : ["queued", "sent", "delivered", "read"];
  const reached = message.status === "accepted" ? 0 : course.indexOf(message.status);
  if (reached < 0) return element("p", { class: "item-detail" }, `${message.status}: ${message.error ?? ""} (${message.errorCode})`);
  return element("ol", { class: "steps", "aria-label": `Delivery: ${message.status}` }, ...course.map((name, index) => {
    const told = callbacks.findLast((each) => each.told === name);
    const failed = told && !isAccepted(told);
    return element("li", { class: `${index <= reached ? "done" : ""}${failed ? " failed" : ""}`,
      title: told ? `Status callback answered ${told.status ?? told.failure} in ${span(told.microseconds)}` : null }, name);
  }));
}

function eventBody(event) {
  let data = event.data;
  try { data = JSON.stringify(JSON.parse(event.data), null, 2); } catch { /* shown as it is */ }
  const details = element("details", { open: openEvents.has(event.entry) },
    element("summary", {}, `${event.source || "event"} · #${event.seq || event.entry}`), element("pre", {}, data));
  details.addEventListener("toggle", () => details.open ? openEvents.add(event.entry) : openEvents.delete(event.entry));
  return details;
}

function tiles(passenger) {
  const inbound = model.webhooks.filter((each) => each.kind === "inbound" && each.status);
  const times = inbound.slice(-50).map((each) => each.microseconds).sort((a, b) => a - b);
  find("tile-webhook").textContent = times.length ? span(times[Math.floor(times.length / 2)]) : "–";
  const replies = [...model.messages.values()].filter((each) => each.direction === "outbound");
  const arrived = replies.filter((each) => each.status === "delivered" || each.status === "read");
  find("tile-replies").textContent = replies.length ? `${arrived.length} of ${replies.length}` : "–";
  find("tile-events").textContent = String(model.events.length);
}

function faultState() {
  const left = model.faults.reduce((sum, each) => sum + each.times, 0);
  const count = find("fault-count");
  count.hidden = left === 0;
  count.textContent = `${left} to come`;
  find("fault-list").textContent = model.faults.map((each) => `${faultKinds.find(([kind]) => kind === each.kind)?.[1] ?? each.kind} × ${each.times}`).join(" · ");
}

export function setUpInside(redraw) {
  for (const radio of document.querySelectorAll("input[name=filter]")) {
    radio.addEventListener("change", () => { filter = radio.value; redraw(); });
  }
  find("faults").append(...faultKinds.map(([kind, label, more]) => element("button", { type: "button", class: "quiet", "data-testid": `fault-${kind}`,
    onclick: () => post("/api/faults", { kind, times: 1, ...more }).catch((error) => { find("fault-list").textContent = error.message; }) }, label)),
    element("button", { type: "button", class: "quiet", "data-testid": "fault-clear", onclick: () => post("/api/faults", undefined, "DELETE").catch(() => {}) }, "Clear"));
}
