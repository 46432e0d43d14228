/** Any value of a message as one text: equal values have equal texts, whatever the order of their properties. */
export function normalText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return value.toString();
    case "bigint":
      return `0x${value.toString(16)}`;
    default:
      return objectText(value);
  }
}

function objectText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (Array.isArray(value)) return `[${value.map(normalText).join(",")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const members = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) text += `${text === "" ? "" : ","}${name}:${normalText(member)}`;
  }
  return `{${text}}`;
}
