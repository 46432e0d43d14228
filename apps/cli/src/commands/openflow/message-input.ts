/** OpenFlow messages as they come in files: as hexadecimal digits, a message on each line, or as they are. */
import type { Item } from "./item.ts";
import { linesOf } from "./lines.ts";

/** More than the digits of the longest message, with blanks and remarks between them. */
const maxHexLineBytes = 1024 * 1024;

const headerSize = 8;

/** @param isBinary undefined: what the first byte looks like, which in OpenFlow is a version, and no character */
export async function* messagesOf(
  chunks: AsyncIterable<Uint8Array>,
  isBinary: boolean | undefined,
): AsyncGenerator<readonly Item<Uint8Array>[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = (async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  yield* (isBinary ?? looksBinary(first.value)) ? binaryMessages(all) : hexMessages(all);
}

/** The bytes of a line of hexadecimal digits; undefined for a line without any. */
export function parseHex(line: string): Uint8Array | { readonly broken: string } | undefined {
  const text = line.replace(/#.*/s, "").trim();
  if (text === "") return undefined;
  const digits = text.replace(/^0x/i, "").replaceAll(/\s/g, "");
  const strange = /[^0-9a-f]/iu.exec(digits)?.[0];
  if (strange !== undefined) return { broken: `${JSON.stringify(strange)} is no hexadecimal digit` };
  if (digits.length % 2 === 1) return { broken: `${digits.length} hexadecimal digits are no whole number of bytes` };
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

function looksBinary(chunk: Uint8Array): boolean {
  const [first = 0x20] = chunk;
  return first < 0x20 && first !== 0x09 && first !== 0x0a && first !== 0x0d;
}

async function* hexMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Item<Uint8Array>[]> {
  for await (const lines of linesOf(chunks, maxHexLineBytes)) {
    yield lines.flatMap((line): readonly Item<Uint8Array>[] => {
      if (!("value" in line)) return [line];
      const bytes = parseHex(line.value);
      if (bytes === undefined) return [];
      return [bytes instanceof Uint8Array ? { where: line.where, value: bytes } : { where: line.where, ...bytes }];
    });
  }
}

/** Cuts a stream by the lengths in the messages' headers; holds at most one that isn't complete. */
async function* binaryMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Item<Uint8Array>[]> {
  let held: Uint8Array = new Uint8Array();
  let position = 0;
  for await (const chunk of chunks) {
    const bytes = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk]);
    const items: Item<Uint8Array>[] = [];
    let start = 0;
    for (let size = sizeAt(bytes, start); start + size <= bytes.byteLength; size = sizeAt(bytes, start)) {
      const where = `byte ${position + start}`;
      if (size < headerSize) {
        const broken = `a message length of ${size}, so that nothing behind it can be read`;
        yield [...items, { where, broken, last: true }];
        return;
      }
      items.push({ where, value: bytes.subarray(start, start + size) });
      start += size;
    }
    yield items;
    held = bytes.slice(start);
    position += start;
  }
  if (held.byteLength === 0) return;
  const missing = sizeAt(held, 0) - held.byteLength;
  yield [
    { where: `byte ${position}`, broken: `the input ends inside of a message, ${missing} bytes short`, last: true },
  ];
}

/** The length of the message at `start`, or as long as it can't be read that of a header. */
function sizeAt(bytes: Uint8Array, start: number): number {
  const [, , high, low, , , , last] = bytes.subarray(start, start + headerSize);
  return high === undefined || low === undefined || last === undefined ? headerSize : high * 256 + low;
}
