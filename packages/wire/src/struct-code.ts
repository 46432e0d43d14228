import { compileFunction } from "node:vm";
import type { AnyCodec, Codec } from "./codec.ts";

/** A property of a struct as it is read and written, in the order of the wire. */
export interface StructEntry {
  readonly name: string;
  readonly codec: AnyCodec;
  /** Padding or a constant: no part of the value. */
  readonly hidden: boolean;
}

/**
 * The codec of a struct, as if it had been written by hand: one statement for each property, and the value as one
 * object literal. A loop over the properties takes half as long again, because the engine can neither tell which codec
 * it calls nor lay out the object before it is complete. The code is made of the declaration only.
 *
 * @param kind what values have as `kind` in front of their properties; undefined for none
 */
export function compileStruct(entries: readonly StructEntry[], kind?: string): Codec<object, object> {
  const reads = entries.map(
    ({ name }, index) => `path.move(${quote(name)}); const v${index} = c${index}.read(reader);`,
  );
  const writes = entries.map(({ name, hidden }, index) => {
    return `path.move(${quote(name)}); c${index}.write(writer, ${hidden ? "undefined" : `value[${quote(name)}]`});`;
  });
  const properties = entries.flatMap(({ name, hidden }, index) => (hidden ? [] : `${quote(name)}: v${index}`));
  const literal = [...(kind === undefined ? [] : [`kind: ${quote(kind)}`]), ...properties].join(", ");
  const code = `
    return {
      read(reader) {
        const path = reader.path;
        path.enter("");
        ${reads.join("\n        ")}
        path.leave();
        return { ${literal} };
      },
      write(writer, value) {
        const path = writer.path;
        path.enter("");
        ${writes.join("\n        ")}
        path.leave();
      },
    };`;
  const parameters = entries.map((_, index) => `c${index}`);
  const filename = `struct ${kind ?? ""} { ${entries.map(({ name }) => name).join(", ")} }`;
  const make = compileFunction(code, parameters, { filename }) as (...codecs: AnyCodec[]) => Codec<object, object>;
  return make(...entries.map(({ codec }) => codec));
}

function quote(text: string): string {
  return JSON.stringify(text);
}
