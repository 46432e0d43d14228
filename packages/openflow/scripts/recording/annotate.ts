/** Which bytes of a message are which of its fields, found by watching the decoder read them. */
import { Reader } from "@loomstack/wire";

/** Some bytes of a message, and what they are. */
interface Part {
  readonly start: number;
  end: number;
  readonly path: string;
}

const bytesInLine = 16;
const headerNames = ["version", "type", "length", "transaction id"];
const oxmHeaderSize = 4;
/** The value of a field is followed by its mask where there is one. */
const isOfCondition = /\.(?:match|setFieldMasked)\.\w+$/;
/** What codecs read without a name for each: by what the path ends with, in the order of the bytes. */
const partNames: Readonly<Record<string, readonly string[]>> = {
  "multipartRequest|multipartReply": ["type", "flags", "padding", "experimenter", "experimenter type"],
  "^message": ["experimenter", "subtype"],
  "message\\.packetOut": ["length of actions", "padding"],
  "message\\.error": ["type", "code", "data"],
  "(?:ctions|elements|roperties|bands|instructionsMiss)\\[\\d+\\]": ["type", "length", "experimenter", "subtype"],
  "(?:entries|buckets|updates|queues)\\[\\d+\\]": ["length"],
  match: ["type", "length", "padding"],
  "\\.move": ["bits", "from.start", "to.start", "from.field", "to.field"],
  "\\.load": ["to.start and to.bits - 1", "to.field", "value"],
};

/** Lines of at most 16 bytes in hexadecimal, each with the path of the field that they are of. */
export function annotate(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): readonly string[] {
  const parts = watched(() => decode(bytes));
  return labelled(parts).flatMap(({ start, end, label }) => {
    const lines = Math.ceil((end - start) / bytesInLine);
    return Array.from({ length: lines }, (_, line) => {
      const from = start + line * bytesInLine;
      const octets = bytes.subarray(from, Math.min(end, from + bytesInLine));
      return `${hexOctets(octets).padEnd(3 * bytesInLine)}# ${label}${line > 0 ? " …" : ""}`;
    });
  });
}

/** What is read while `decode` runs; what was read in vain is left out. */
function watched(decode: () => unknown): readonly Part[] {
  const parts: Part[] = [];
  let undone: readonly Part[] = [];
  let run: { readonly end: number; readonly path: string } | undefined;
  const original = Object.getOwnPropertyDescriptors(Reader.prototype);
  for (const name of ["u8", "u16", "u32", "u64", "bytes", "skip"] as const) {
    const read = original[name].value as (this: Reader, size: number) => unknown;
    const value = function (this: Reader, size: number): unknown {
      const start = this.offset;
      const result = read.call(this, size);
      const part = { start, end: this.offset, path: this.path.toString() };
      // Who reads the same again as bytes compares it only.
      const isAgain = undone[0]?.start === start && undone.at(-1)?.end === part.end;
      if (part.end > start) parts.push(...(isAgain ? undone : [part]));
      if (run !== undefined && part.end >= run.end) {
        // What the reader has entered to say where it failed, which it hasn't.
        if (part.path.startsWith(`${run.path}.`)) this.path.leave();
        run = undefined;
      }
      return result;
    };
    Object.defineProperty(Reader.prototype, name, { ...original[name], value });
  }
  const rewind = original.rewind.value as (this: Reader, offset: number) => void;
  const take = original.take.value as (this: Reader, size: number) => number;
  Reader.prototype.rewind = function (offset) {
    const kept = parts.filter(({ start }) => start < offset).length;
    undone = parts.splice(kept);
    rewind.call(this, offset);
  };
  Reader.prototype.take = function (size) {
    const { offset } = this;
    const at = take.call(this, size);
    if (at < 0 || size === 0) return at;
    run = { end: offset + size, path: this.path.toString() };
    rewind.call(this, offset);
    return notThereAtFirst(at);
  };
  try {
    decode();
  } finally {
    Object.defineProperties(Reader.prototype, original);
  }
  return parts;
}

/**
 * Fields in one go have no name each: whoever asks whether they are there is told that they aren't, whereupon they are
 * read one by one, and finds them in their place then.
 */
function notThereAtFirst(at: number): number {
  let isAsked = false;
  const place = {
    valueOf(): number {
      const told = isAsked ? at : -1;
      isAsked = true;
      return told;
    },
  };
  return place as unknown as number;
}

function labelled(parts: readonly Part[]): readonly (Part & { readonly label: string })[] {
  return parts.map((part, index) => {
    const { path, start, end } = part;
    const headerName = headerNames[index];
    if (headerName !== undefined) return { ...part, label: headerName };
    const shown = path.replace(/^message\.?/, "").replace(/^\w+\.?/, "");
    if (/(?:^|\.)_\w*$/.test(shown)) return { ...part, label: `${shown.replace(/\.?_\w*$/, "")} padding`.trim() };
    const names = Object.entries(partNames).find(([end]) => new RegExp(`(?:${end})$`).test(path))?.[1];
    const isOxm = end - start === oxmHeaderSize && path.endsWith("match");
    const isBehind = isOxm || isInside(parts[index - 1]?.path, path);
    const name = isBehind ? undefined : names?.[placeAmong(parts, index)];
    if (name !== undefined) return { ...part, label: shown === "" ? name : `${shown}: ${name}` };
    if (isOfCondition.test(path) && parts[index - 1]?.path === path) return { ...part, label: `${shown}: mask` };
    return { ...part, label: described(shown, path, parts[index + 1]?.path, parts[index - 1]?.path) };
  });
}

function described(shown: string, path: string, next: string | undefined, before: string | undefined): string {
  if (isInside(next, path))
    return `${shown}: header of ${next?.slice(path.length).replace(/^\./, "")}`.replace(/^: /, "");
  if (isInside(before, path)) return `${shown} padding`.trim();
  return shown === "" ? "data" : shown;
}

function isInside(inner: string | undefined, outer: string): boolean {
  return inner !== undefined && (inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`));
}

/** How many parts in front of this one are of the same path. */
function placeAmong(parts: readonly Part[], index: number): number {
  const path = parts[index]?.path;
  let place = 0;
  while (index - place > headerNames.length && parts[index - place - 1]?.path === path) place++;
  return place;
}

function hexOctets(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
}
