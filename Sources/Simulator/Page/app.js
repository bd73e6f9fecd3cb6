// Puts the page together: passengers, their phones, the panel, and the connection.

import { conversation, follow, model, onChange } from "./model.js";
import { element, find, icon, post, time } from "./dom.js";
import { drawInside, setUpInside } from "./inside.js";
import { makePhone } from "./phone.js";

const stage = find("stage");
const tabs = find("passengers");
const dialog = find("passenger-dialog");
const phones = new Map();
const read = new Map();
let active = null;
let sideBySide = false;

// MARK: Passengers

function select(id, { focus = false } = {}) {
  active = id;
  markRead(id);
  draw();
  if (focus) phones.get(id)?.focus();
}

const lastSequence = (id) => Math.max(-1, ...[...model.messages.values()].filter((each) => each.passenger === id).map((each) => each.sequence));
const markRead = (id) => read.set(id, lastSequence(id));
const unread = (id) => [...model.messages.values()].filter((each) =>
  each.passenger === id && each.direction === "outbound" && each.sequence > (read.get(id) ?? -1)).length;
const initials = (name) => name.replace(/^\+/, "").split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();

function tab(passenger) {
  const made = element("button", { type: "button", role: "tab", id: `tab-${passenger.id}`, "data-testid": `tab-${passenger.id}`,
    class: "tab", onclick: () => select(passenger.id), "aria-controls": "stage" },
    element("span", { class: "avatar", "data-hue": String((Number(passenger.id.slice(1)) * 137) % 8), "aria-hidden": "true" }, initials(passenger.name)),
    element("span", { class: "tab-words" },
      element("span", { class: "tab-top" }, element("strong", {}, passenger.name), element("time", {})),
      element("span", { class: "tab-bottom" }, element("span", { class: "preview" }), element("b", { hidden: true }))));
  return made;
}

function drawTabs() {
  for (const passenger of model.passengers.values()) {
    const node = document.getElementById(`tab-${passenger.id}`) ?? tabs.appendChild(tab(passenger));
    const last = [...conversation(passenger.id, "whatsapp"), ...conversation(passenger.id, "sms")].sort((a, b) => a.sequence - b.sequence).at(-1);
    const isActive = passenger.id === active;
    node.setAttribute("aria-selected", String(isActive));
    node.tabIndex = isActive ? 0 : -1;
    node.querySelector(".preview").textContent = last ? (last.body.replaceAll("*", "") || "Photo") : passenger.username ? `@${passenger.username}` : passenger.number;
    node.querySelector("time").textContent = last ? time(last.at) : "";
    const count = unread(passenger.id);
    const badge = node.querySelector("b");
    badge.hidden = isActive || count === 0;
    badge.textContent = String(count);
    badge.setAttribute("aria-label", `${count} new`);
  }
}

tabs.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const ids = [...model.passengers.keys()];
  const next = event.key === "Home" ? 0 : event.key === "End" ? ids.length - 1 : step ? (ids.indexOf(active) + step + ids.length) % ids.length : null;
  if (next === null) return;
  event.preventDefault();
  select(ids[next]);
  document.getElementById(`tab-${ids[next]}`).focus();
});

// MARK: Phones

function phone(id) {
  if (!phones.has(id)) {
    const made = makePhone(model.passengers.get(id));
    made.root.addEventListener("focusin", () => { if (active !== id) select(id); });
    made.root.addEventListener("pointerdown", () => { if (active !== id) select(id); });
    phones.set(id, made);
  }
  return phones.get(id);
}

function draw() {
  if (active === null || !model.passengers.has(active)) active = model.passengers.keys().next().value ?? null;
  drawTabs();
  if (active === null) {
    stage.replaceChildren(element("div", { class: "welcome" }, icon("person"), element("p", {}, "Nobody is here yet."),
      element("button", { type: "button", class: "primary", onclick: openDialog }, "Add a passenger")));
    drawInside(null);
    return;
  }
  const ids = sideBySide ? [...model.passengers.keys()] : [active];
  const wanted = ids.map((id) => phone(id));
  stage.classList.toggle("row", sideBySide && ids.length > 1);
  if (wanted.length !== stage.childElementCount || wanted.some((each, index) => stage.children[index] !== each.root)) {
    stage.replaceChildren(...wanted.map((each) => each.root));
    wanted.forEach((each) => each.end());
  }
  for (const id of ids) {
    phones.get(id).update();
    phones.get(id).root.classList.toggle("active", sideBySide && id === active);
    if (id === active || sideBySide) markRead(id);
  }
  const count = phones.get(active).unread();
  const badge = find("view-sms").querySelector("b");
  badge.hidden = count === 0;
  badge.textContent = String(count);
  drawInside(active);
}

find("side-by-side").addEventListener("click", (event) => {
  sideBySide = !sideBySide;
  event.currentTarget.setAttribute("aria-pressed", String(sideBySide));
  draw();
});

// MARK: Adding a passenger

const form = find("passenger-form");

function freeNumber() {
  const taken = new Set([...model.passengers.values()].map((each) => each.number));
  // Ofcom keeps 07700 900000 to 900999 for fiction.
  for (let last = 100; last < 1000; last += 1) {
    const number = `+447700900${last}`;
    if (!taken.has(number)) return number;
  }
  return "";
}

function kindChanged() {
  const isUsername = form.elements.kind.value === "username";
  form.querySelector("[data-for=username]").hidden = !isUsername;
  form.elements.username.required = isUsername;
  form.elements.number.required = !isUsername;
  form.querySelector("[data-label=number]").textContent = isUsername ? "Number for SMS, hidden from the service" : "Phone number";
  find("passenger-hint").textContent = isUsername
    ? "WhatsApp hides the number of people with a username: the service sees an id made for it."
    : "Numbers from +447700900000 to +447700900999 belong to nobody.";
}

function openDialog() {
  form.reset();
  form.elements.number.value = freeNumber();
  find("passenger-problem").hidden = true;
  kindChanged();
  dialog.showModal();
  form.elements.name.focus();
}

find("add-passenger").addEventListener("click", openDialog);
find("passenger-cancel").addEventListener("click", () => dialog.close());
form.addEventListener("change", kindChanged);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = form.elements;
  const isUsername = fields.kind.value === "username";
  try {
    const added = await post("/api/passengers", { name: fields.name.value.trim(),
      number: fields.number.value.trim() || undefined, username: isUsername ? fields.username.value.trim().replace(/^@/, "") : undefined });
    model.passengers.set(added.id, added);
    dialog.close();
    select(added.id, { focus: true });
  } catch (error) {
    find("passenger-problem").textContent = error.message;
    find("passenger-problem").hidden = false;
  }
});

// MARK: Views of a small screen

for (const button of document.querySelectorAll(".bottom button")) {
  button.addEventListener("click", () => {
    view(button.dataset.view);
    if (button.dataset.view !== "inside" && active) phones.get(active)?.open(button.dataset.view === "sms" ? "sms" : "whatsapp");
  });
}

function view(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll(".bottom button")) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

stage.addEventListener("channel", (event) => {
  if (document.body.dataset.view !== "inside") view(event.detail === "sms" ? "sms" : "chat");
  drawSoon();
});

// MARK: The connection

const connection = find("connection");

function report(state) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  connection.lastElementChild.textContent = state === "live" ? "Live" : "Reconnecting";
}

let isDrawing = false;

/** Draws soon: a frame may hold many events, and a hidden page has no frames. */
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  const later = document.hidden ? (work) => setTimeout(work, 50) : requestAnimationFrame;
  later(() => { isDrawing = false; draw(); });
}

onChange((kind) => {
  if (kind === "state") {
    for (const id of [...phones.keys()]) phones.delete(id);
    tabs.replaceChildren();
    stage.replaceChildren();
    for (const id of model.passengers.keys()) if (!read.has(id)) markRead(id);
  }
  drawSoon();
});

setUpInside(() => draw());
follow(report);
