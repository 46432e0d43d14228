import type { Codec } from "./codec.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Items up to the end of the scope. */
export function listToEnd<Value, Input>(item: Codec<Value, Input>): Codec<readonly Value[], readonly Input[]> {
  return {
    read(reader) {
      const values: Value[] = [];
      reader.path.enter(0);
      while (reader.remaining > 0) readItem(reader, item, values);
      reader.path.leave();
      return fitted(values);
    },
    write: (writer, values) => writeAll(writer, item, values),
  };
}

/** Exactly `count` items. @throws WIRE__OUT_OF_RANGE when another number is written */
export function listOf<Value, Input>(
  item: Codec<Value, Input>,
  count: number,
): Codec<readonly Value[], readonly Input[]> {
  return {
    read: (reader) => readCount(reader, item, count),
    write(writer, values) {
      if (values.length !== count) throw writer.outOfRange(`${values.length} items`, `a list of ${count}`);
      writeAll(writer, item, values);
    },
  };
}

/**
 * A count, then that many items (a variable-length array of XDR, RFC 4506 section 4.13, among others).
 *
 * @param limit the most items that are accepted; a hostile count costs nothing
 * @throws WIRE__MALFORMED for a larger count
 */
export function listCounted<Value, Input>(
  count: Codec<number>,
  item: Codec<Value, Input>,
  limit: number,
): Codec<readonly Value[], readonly Input[]> {
  return {
    read(reader) {
      const expected = count.read(reader);
      if (expected > limit) throw reader.malformed(`${expected} items where at most ${limit} are allowed`);
      return readCount(reader, item, expected);
    },
    write(writer, values) {
      if (values.length > limit) throw writer.outOfRange(`${values.length} items`, `a list of at most ${limit}`);
      count.write(writer, values.length);
      writeAll(writer, item, values);
    },
  };
}

function readCount<Value>(reader: Reader, item: Codec<Value, never>, count: number): readonly Value[] {
  const values: Value[] = [];
  reader.path.enter(0);
  while (values.length < count) readItem(reader, item, values);
  reader.path.leave();
  return fitted(values);
}

function readItem<Value>(reader: Reader, item: Codec<Value, never>, values: Value[]): void {
  const start = reader.offset;
  reader.path.move(values.length);
  values.push(item.read(reader));
  if (reader.offset === start) throw reader.malformed("an item of no size");
}

/** A copy of the right size: an array that has grown has room for many more items, and lists are kept. */
function fitted<Value>(values: readonly Value[]): readonly Value[] {
  return values.slice();
}

function writeAll<Input>(writer: Writer, item: Codec<unknown, Input>, values: readonly Input[]): void {
  const { path } = writer;
  let index = 0;
  path.enter(index);
  for (const value of values) {
    path.move(index++);
    item.write(writer, value);
  }
  path.leave();
}
