/**
 * The golden messages of packages/openflow/vectors, which scripts/record-vectors.ts records: who sent them and how
 * ovs-ofctl reads them, their bytes, a line for each part, and behind `---` their JSON document as src/json writes it.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { OpenFlowVersion } from "./version.ts";

export interface Vector {
  readonly name: string;
  readonly version: OpenFlowVersion;
  readonly bytes: Uint8Array;
  readonly json: string;
  /** The lines in front of the bytes. */
  readonly provenance: string;
  /** The comments of the bytes. */
  readonly labels: readonly string[];
}

const root = path.resolve(import.meta.dirname, "../../vectors");
const folders: readonly (readonly [OpenFlowVersion, string])[] = [
  ["1.0", "of10"],
  ["1.3", "of13"],
  ["1.5", "of15"],
];

export const vectors: readonly Vector[] = folders.flatMap(([version, folder]) =>
  readdirSync(path.join(root, folder)).map((file) => readVector(version, folder, file)),
);

function readVector(version: OpenFlowVersion, folder: string, file: string): Vector {
  const [text = "", json = ""] = readFileSync(path.join(root, folder, file), "utf8").split("\n---\n");
  const lines = text.split("\n");
  const octets = lines.filter((line) => !line.startsWith("#"));
  return {
    name: `${folder}/${file}`,
    version,
    bytes: Uint8Array.from(
      Buffer.from(octets.map((line) => line.replace(/#.*/, "").replaceAll(" ", "")).join(""), "hex"),
    ),
    json,
    provenance: lines.filter((line) => line.startsWith("#")).join("\n"),
    labels: octets.map((line) => /# (.*)$/.exec(line)?.[1] ?? ""),
  };
}
