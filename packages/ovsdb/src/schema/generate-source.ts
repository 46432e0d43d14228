import { LoomstackError } from "@loomstack/core";
import type { DatabaseSchema } from "./schema.ts";

export interface SourceOptions {
  /** The name of the constant, such as `openVswitch`; the type is named alike, `OpenVswitch`. */
  readonly constant: string;
  /** What the schema was read from, and where that is from: for the head of the source. */
  readonly origin: string;
  /** What the source imports the type `DatabaseSchema` from. */
  readonly schemaModule: string;
}

const widestLine = 120;

/**
 * The TypeScript source that declares a schema as constants, so that the types of its rows can be derived.
 *
 * @throws OVSDB__MALFORMED_SCHEMA when the schema's name or version isn't one that RFC 7047, 3.2 allows
 */
export function generateSource(schema: DatabaseSchema, { constant, origin, schemaModule }: SourceOptions): string {
  checkHeader(schema);
  const typeName = constant.charAt(0).toUpperCase() + constant.slice(1);
  return [
    `// Made from ${origin}`,
    `// by packages/ovsdb/scripts/generate-schema.ts; don't edit.`,
    `import type { DatabaseSchema } from ${JSON.stringify(schemaModule)};`,
    ``,
    `/** The schema of database ${schema.name}, version ${schema.version}. */`,
    `export const ${constant} = ${formatLiteral(schema, 0)} as const satisfies DatabaseSchema;`,
    ``,
    `export type ${typeName} = typeof ${constant};`,
    ``,
  ].join("\n");
}

/** Both stand in a comment of the source. */
function checkHeader({ name, version }: DatabaseSchema): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw malformed("name", "letters, digits and _ were expected");
  if (!/^(\d+\.\d+\.\d+)?$/.test(version)) throw malformed("version", "three numbers with dots were expected");
}

function malformed(path: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_SCHEMA", { path, reason });
}

/** A literal on one line where it fits, otherwise one line for each member. */
function formatLiteral(value: unknown, depth: number, prefixLength = 0): string {
  const flat = formatFlat(value);
  const isLeaf = typeof value !== "object" || value === null;
  if (isLeaf || (depth > 2 && depth * 2 + prefixLength + flat.length < widestLine)) return flat;
  const indent = "  ".repeat(depth + 1);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const members = Object.entries(value).map(([name, member]) => {
    const prefix = Array.isArray(value) ? "" : `${formatName(name)}: `;
    return `${indent}${prefix}${formatLiteral(member, depth + 1, prefix.length)},\n`;
  });
  return `${open ?? ""}\n${members.join("")}${"  ".repeat(depth)}${close ?? ""}`;
}

function formatFlat(value: unknown): string {
  if (typeof value === "bigint") return `${value.toString()}n`;
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatFlat).join(", ")}]`;
  const members = Object.entries(value).map(([name, member]) => `${formatName(name)}: ${formatFlat(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function formatName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
