import { type Codec, mappedForm } from "./codec.ts";

type Numbers = Readonly<Record<string, number>>;

/** A number that stands for one of the names of `table`. @throws WIRE__MALFORMED for a number without a name */
export function enumOf<const Table extends Numbers>(codec: Codec<number>, table: Table): Codec<keyof Table & string> {
  const names = namesOf(table);
  return {
    read(reader) {
      const number = codec.read(reader);
      const name = names.get(number);
      if (name === undefined) throw reader.malformed(`${number} is none of ${[...names.values()].join(", ")}`);
      return name;
    },
    write(writer, name) {
      const number = table[name];
      if (number === undefined) throw writer.outOfRange(name, [...names.values()].join(" | "));
      codec.write(writer, number);
    },
  };
}

/** As enumOf, but a number without a name stays a number: for lists that peers may know more of than we do. */
export function openEnumOf<const Table extends Numbers>(
  codec: Codec<number>,
  table: Table,
): Codec<(keyof Table & string) | number> {
  const names = namesOf(table);
  return {
    read(reader) {
      const number = codec.read(reader);
      return names.get(number) ?? number;
    },
    write(writer, value) {
      const number = typeof value === "number" ? value : table[value];
      if (number === undefined) throw writer.outOfRange(value, [...names.values()].join(" | "));
      codec.write(writer, number);
    },
    fixed: mappedForm(
      codec.fixed,
      (number) => names.get(number) ?? number,
      // One that there isn't is refused as a number that there isn't.
      (value: (keyof Table & string) | number) => (typeof value === "number" ? value : (table[value] ?? Number.NaN)),
    ),
  };
}

function namesOf<Table extends Numbers>(table: Table): ReadonlyMap<number, keyof Table & string> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name]));
}
