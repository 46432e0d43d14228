/** Which version two ends speak. @see OpenFlow 1.3.5, 6.3.1 and 7.5.1 */
import type { Received } from "../of13/messages.ts";
import { type OpenFlowVersion, versionNumber, versionOf } from "../version/version.ts";

/** The highest of our versions: that of our hello. */
export function highest(versions: readonly OpenFlowVersion[]): OpenFlowVersion {
  return versions.reduce((best, version) => (versionNumber(version) > versionNumber(best) ? version : best), "1.0");
}

/** Our versions as the numbers of a bitmap, from the lowest. */
export function offeredVersions(versions: readonly OpenFlowVersion[]): readonly number[] {
  return versions.map(versionNumber).sort((a, b) => a - b);
}

/**
 * The version to speak: the highest that both bitmaps have, or without one of theirs the lower of both hellos, which is
 * what such a switch takes it for.
 *
 * @param theirs the version of their hello
 * @returns undefined where there is none
 */
export function negotiate(
  versions: readonly OpenFlowVersion[],
  hello: Received<"hello">,
  theirs: number,
): OpenFlowVersion | undefined {
  const bitmap = bitmapOf(hello);
  const common =
    bitmap === undefined
      ? Math.min(versionNumber(highest(versions)), theirs)
      : Math.max(...offeredVersions(versions).filter((number) => bitmap.includes(number)));
  const version = versionOf(common);
  return version !== undefined && versions.includes(version) ? version : undefined;
}

/** What a hello offers, for people. */
export function offerText(hello: Received<"hello">, version: number): string {
  const bitmap = bitmapOf(hello);
  return bitmap === undefined ? `version ${version} and older ones` : `version ${bitmap.join(", ")}`;
}

/** Our versions, for people, and as Open vSwitch calls them in a bridge's protocols. */
export function wantedText(versions: readonly OpenFlowVersion[]): {
  readonly names: string;
  readonly protocols: string;
} {
  return {
    names: `OpenFlow ${versions.join(" or ")}`,
    protocols: versions.map((version) => `OpenFlow${version.replace(".", "")}`).join(" or "),
  };
}

function bitmapOf(hello: Received<"hello">): readonly number[] | undefined {
  return hello.elements.find((element) => element.kind === "versionBitmap")?.versions;
}
