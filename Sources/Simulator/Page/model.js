// What the page knows, kept up to date by the simulator's stream of events.

export const model = {
  whatsAppNumber: "", smsNumber: null, redis: null,
  passengers: new Map(), messages: new Map(), webhooks: [], events: [], faults: [],
};

const limit = 2000;
const listeners = new Set();
export const onChange = (listener) => listeners.add(listener);

function tell(kind, value) {
  for (const listener of listeners) listener(kind, value);
}

function begin(state) {
  Object.assign(model, {
    whatsAppNumber: state.whatsAppNumber, smsNumber: state.smsNumber, redis: state.redis,
    webhooks: state.webhooks, events: state.events, faults: state.faults,
    passengers: new Map(state.passengers.map((each) => [each.id, each])),
    messages: new Map(state.messages.map((each) => [each.sid, each])),
  });
  tell("state");
}

function push(list, value) {
  list.push(value);
  if (list.length > limit) list.splice(0, limit / 4);
}

const handlers = {
  passenger(value) { model.passengers.set(value.id, value); },
  message(value) {
    model.messages.set(value.sid, value);
    if (model.messages.size > limit) model.messages.delete(model.messages.keys().next().value);
  },
  deleted(value) { model.messages.delete(value.sid); },
  webhook(value) { push(model.webhooks, value); },
  stream(value) { push(model.events, value); },
  faults(value) { model.faults = value; },
  notice(value) { if (value.redis !== undefined) model.redis = value.redis; },
};

let source;

/** Loads the state and follows what happens after it; comes back by itself when the simulator was away. */
export async function follow(report) {
  source?.close();
  let state;
  try {
    const answer = await fetch("/api/state", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    state = await answer.json();
  } catch {
    report("offline");
    setTimeout(() => follow(report), 1500);
    return;
  }
  begin(state);
  source = new EventSource(`/api/stream?after=${encodeURIComponent(state.lastEventID)}`);
  source.onopen = () => report("live");
  source.onerror = () => {
    report("offline");
    // A stream that was refused is not tried again by the browser.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(report), 1500);
  };
  source.addEventListener("lost", () => follow(report));
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => {
      const value = JSON.parse(event.data);
      handle(value);
      tell(kind, value);
    });
  }
}

/** A passenger's messages on one channel, oldest first. */
export function conversation(passenger, channel) {
  return [...model.messages.values()]
    .filter((each) => each.passenger === passenger && each.channel === channel)
    .sort((a, b) => a.sequence - b.sequence);
}

/** How the service answered the webhook of a passenger's message: undefined while it has not. */
export const answerTo = (sid) => model.webhooks.findLast((each) => each.sid === sid && each.kind !== "status");
export const isAccepted = (exchange) => exchange.status >= 200 && exchange.status < 300;
