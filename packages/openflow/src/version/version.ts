import { LoomstackError } from "@loomstack/core";

/** The versions of OpenFlow that are spoken here. */
export type OpenFlowVersion = "1.0" | "1.3" | "1.5";

const numbers: Readonly<Record<OpenFlowVersion, number>> = { "1.0": 1, "1.3": 4, "1.5": 6 };

/** The version byte of messages. */
export function versionNumber(version: OpenFlowVersion): number {
  return numbers[version];
}

/** The version with that byte; undefined for one that isn't spoken here. */
export function versionOf(number: number): OpenFlowVersion | undefined {
  return (Object.keys(numbers) as OpenFlowVersion[]).find((version) => numbers[version] === number);
}

/** The error for something that a version of OpenFlow has no way to say, to be thrown by the caller. */
export function unsayable(version: OpenFlowVersion, what: string): LoomstackError {
  return new LoomstackError("OPENFLOW__UNSUPPORTED_BY_VERSION", { version: `OpenFlow ${version}`, what });
}
