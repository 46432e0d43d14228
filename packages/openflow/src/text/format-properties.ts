/** Any value as `name=value` pairs, for what ovs-ofctl's syntax has no line of its own. */

/** Printers for the values of properties with certain names. */
export type PropertyPrinters = ReadonlyMap<string, (value: never) => string>;

/** The properties of a message or of a part of it, with names in snake case; its kind and what isn't there left out. */
export function formatProperties(value: object, printers: PropertyPrinters): string {
  return Object.entries(value)
    .filter(([name, member]) => name !== "kind" && name !== "layout" && member !== undefined)
    .map(([name, member]) => formatProperty(name, member, printers))
    .join(" ");
}

function formatProperty(name: string, value: unknown, printers: PropertyPrinters): string {
  const label = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // A list of numbers may have the name of a list of actions.
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === "number");
  const print = isList ? undefined : printers.get(name);
  const text = print === undefined ? formatValue(value, printers) : print(value as never);
  return `${label}=${text}`;
}

function formatValue(value: unknown, printers: PropertyPrinters): string {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `[${value.map((entry: unknown) => formatValue(entry, printers)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const kind = "kind" in value && typeof value.kind === "string" ? value.kind : "";
    return `${kind}{${formatFlagsOr(value, printers)}}`;
  }
  return String(value);
}

/** Bits by their names, where all members are bits that are set or not. */
function formatFlagsOr(value: object, printers: PropertyPrinters): string {
  const members = Object.entries(value);
  const isFlags = members.length > 0 && members.every(([, member]) => typeof member === "boolean");
  if (!isFlags) return formatProperties(value, printers);
  return members
    .filter(([, member]) => member === true)
    .map(([name]) => name)
    .join(",");
}
