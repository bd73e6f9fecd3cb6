// The console's script: everything works without it, only not by itself.
"use strict";

const every = (selector, scope = document) => [...scope.querySelectorAll(selector)];

/* What the last action did is read out, and found by the keyboard. */
document.querySelector(".notice")?.focus({ preventScroll: true });

/* A form is sent once. */
for (const form of every("form[data-once]")) {
  form.addEventListener("submit", () => setTimeout(() => every("button", form).forEach((button) => (button.disabled = true))));
  addEventListener("pageshow", () => every("button", form).forEach((button) => (button.disabled = false)));
}

/* Choosing rows. */
for (const form of every("form[data-pick]")) {
  const boxes = every("input[name=id]", form);
  const all = form.querySelector("#pick-all");
  const told = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const place of every("[data-picked]", form)) place.textContent = chosen ? `(${chosen})` : "";
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  every("[data-script]", form).forEach((element) => (element.hidden = false));
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    told();
  });
  form.addEventListener("change", told);
  addEventListener("pageshow", told);
}

/* The overview keeps itself up to date: one request every two seconds, while somebody can see it. */
const live = document.querySelector("[data-live]");
if (live) {
  const sign = document.getElementById("live");
  const words = document.getElementById("live-words");
  const shown = {};
  let failures = 0;
  let timer = null;

  const state = (name, text) => {
    sign.dataset.state = name;
    words.textContent = text;
  };

  /* Puts a part in its place; what was open stays open, and the focus stays where it was. */
  const put = (id, html) => {
    const part = document.getElementById(id);
    if (!part || shown[id] === html) return;
    shown[id] = html;
    const open = every("details", part).map((each) => each.open);
    const focused = part.contains(document.activeElement) ? every("a, summary", part).indexOf(document.activeElement) : -1;
    part.innerHTML = html;
    every("details", part).forEach((each, place) => (each.open = open[place] ?? false));
    if (focused >= 0) every("a, summary", part)[focused]?.focus({ preventScroll: true });
  };

  const look = async () => {
    timer = null;
    if (document.hidden) return;
    try {
      const answer = await fetch(live.dataset.live, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (answer.status === 401) return location.assign("/login");
      if (!answer.ok) throw new Error(answer.status);
      const now = await answer.json();
      for (const [id, html] of Object.entries(now.parts)) put(id, html);
      const announcement = document.getElementById("announcement");
      if (announcement.textContent !== now.announcement) announcement.textContent = now.announcement;
      const clock = document.getElementById("clock");
      clock.dateTime = now.at;
      clock.textContent = now.at.slice(11, 19);
      failures = 0;
      state("live", "Live");
    } catch {
      failures += 1;
      state("lost", "Not live since");
    }
    timer ??= setTimeout(look, Math.min(2000 * 2 ** Math.min(failures, 3), 15000));
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer === null) look();
  });
  look();
}
