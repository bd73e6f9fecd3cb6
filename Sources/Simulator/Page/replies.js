// Quick replies: what the bot's last message offers.

const notCommands = new Set(["UK", "GB", "CRS", "SMS", "PDF", "JPEG", "PNG", "AM", "PM", "ID", "OK", "BST", "GMT"]);

/** The commands and numbered choices that stand in a text, as `{ label, text }`, eight at most. */
export function quickReplies(text) {
  const found = [];
  const add = (label, reply) => {
    if (!found.some((each) => each.text === reply)) found.push({ label, text: reply });
  };
  for (const [, number, choice] of text.matchAll(/^\s*(\d{1,2})[.):]\s+(.+)$/gm)) {
    add(`${number} · ${choice.length > 26 ? choice.slice(0, 25) + "…" : choice}`, number);
  }
  // A word in capitals is a command, except station codes, which stand in brackets, and a few abbreviations.
  const plain = text.replace(/\([^)]*\)|https?:\S+/g, " ");
  for (const [word] of plain.matchAll(/(?<![\p{L}\p{N}-])\p{Lu}{2,}(?: \p{Lu}{2,})*(?![\p{L}\p{N}-])/gu)) {
    if (!notCommands.has(word)) add(word, word);
  }
  return found.slice(0, 8);
}

/** The one-time code in an SMS. */
export const codeIn = (text) => text.match(/(?<!\d)\d{6}(?!\d)/)?.[0];
