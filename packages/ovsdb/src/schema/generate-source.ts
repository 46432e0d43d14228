import type { DatabaseSchema } from "./schema.ts";

const widestLine = 120;

/**
 * The TypeScript source that declares a schema as constants, so that the types of its rows can be derived.
 *
 * @param constant its name, such as `openVswitch`
 */
export function generateSource(schema: DatabaseSchema, constant: string, origin: string): string {
  const typeName = constant.charAt(0).toUpperCase() + constant.slice(1);
  return [
    `// Made from ${origin} by packages/ovsdb/scripts/generate-schema.ts; don't edit.`,
    `import type { DatabaseSchema } from "./schema.ts";`,
    ``,
    `/** The schema of database ${schema.name}, version ${schema.version}. */`,
    `export const ${constant} = ${formatLiteral(schema, 0)} as const satisfies DatabaseSchema;`,
    ``,
    `export type ${typeName} = typeof ${constant};`,
    ``,
  ].join("\n");
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
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatFlat).join(", ")}]`;
  const members = Object.entries(value).map(([name, member]) => `${formatName(name)}: ${formatFlat(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function formatName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
