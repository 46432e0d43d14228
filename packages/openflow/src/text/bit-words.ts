/** The words for the bits that are set, and the others together in hexadecimal; `0` for none. */
export function bitWords(flags: object, words: Readonly<Record<string, string>>): string {
  const values = new Map<string, unknown>(Object.entries(flags));
  const unnamed = values.get("unnamed");
  const set = Object.entries(words).flatMap(([name, word]) => (values.get(name) === true ? [word] : []));
  return [...set, ...(typeof unnamed === "number" ? [`0x${unnamed.toString(16)}`] : [])].join(" ") || "0";
}
