import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { decodeAnyVersion, messageToJson } from "../../src/json/message-json.ts";
import { annotate } from "./annotate.ts";

/** What isn't the same when the same is recorded again: clocks, counters of the library, what a switch makes up. */
const varying: ReadonlySet<string> = new Set([
  ...["xid", "dpid", "durationSec", "durationNsec", "hwAddr", "cookieMask", "packetCount", "byteCount", "lookupCount"],
]);
/** Lines that ovs-ofctl only prints because it doesn't know better. */
const dumpLine = /^[0-9a-f]{8} {2}/;

/**
 * Writes a message as a vector: who sent it and how ovs-ofctl reads it, its bytes with a comment for each field, and
 * behind `---` its value as src/json writes it. A file that says the same but for what varies is left as it is.
 *
 * @returns whether there is anything new in the file
 */
export function writeVector(file: string, provenance: string, bytes: Uint8Array): boolean {
  const json = messageToJson(bytes);
  if (existsSync(file) && stable(valueIn(file)) === stable(JSON.parse(json))) return false;
  const lines = annotate(bytes, decodeAnyVersion);
  const comments = [provenance, ...printed(bytes).map((line) => `ovs-ofctl ofp-print: ${line}`)];
  const head = comments.map((line) => `# ${line}`.trimEnd());
  const value = JSON.stringify(JSON.parse(json), undefined, 2);
  writeFileSync(file, `${[...head, ...lines, "---", value].join("\n")}\n`);
  return true;
}

function valueIn(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8").split("\n---\n")[1] ?? "{}");
}

function printed(bytes: Uint8Array): readonly string[] {
  const hex = Buffer.from(bytes).toString("hex");
  const text = execFileSync("ovs-ofctl", ["ofp-print", hex, "2"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
  return text
    .trim()
    .split("\n")
    .filter((line) => !dumpLine.test(line));
}

/** The text of a JSON value without what varies: members, the order of lists, what only the switch can read. */
function stable(value: unknown): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (varying.has(name)) return undefined;
    if ((name === "entries" || name === "ports") && Array.isArray(member)) return member.map(stable).toSorted();
    const isContinuation =
      typeof member === "object" && member !== null && "kind" in member && member.kind === "continuation";
    return isContinuation ? "continuation" : member;
  });
}
