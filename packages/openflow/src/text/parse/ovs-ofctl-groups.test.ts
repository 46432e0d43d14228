/** Corpora of groups and meters, compared with what the real ovs-ofctl makes of them. */
import { isLoomstackError } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../of13/messages.ts";
import type { MeterMod } from "../../of13/messages/meter-mod.ts";
import { formatMeter } from "../format-meter.ts";
import { corpus } from "./corpus.fixture.ts";
import { hasOvsOfctl, printedMessages, refusals, sentMessages } from "./ovs-ofctl.fixture.ts";
import { parseGroup, type ParsedGroup } from "./parse-group.ts";
import { parseMeter } from "./parse-meter.ts";

/** What ours reads; undefined where it refuses. */
function read<T>(parse: (text: string) => T, line: string): T | undefined {
  try {
    return parse(line);
  } catch (error) {
    if (isLoomstackError(error, "OPENFLOW__INVALID_TEXT")) return undefined;
    throw error;
  }
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

/** Bytes of the header of a message, and of Nicira's with the experimenter and the subtype. */
const headerSize = 8;
const niciraHeaderSize = 16;

/** All bits of a field of 16 bits are 13 where they are a VLAN id, 20 of 32 where they are a label, to ours. */
const otherMasks = "group_id=1,type=select,selection_method=hash,fields(ipv6_src=ffff::,vlan_vid,mpls_label),bucket=1";

const groups = corpus("groups").map((line) => ({ line, group: read(parseGroup, line) }));

/** The lines that are a message of a kind. */
function linesOf(kind: ParsedGroup["kind"]): readonly { readonly line: string; readonly group: ParsedGroup }[] {
  return groups.flatMap(({ line, group }) => (group?.kind === kind ? [{ line, group }] : []));
}

describe.skipIf(!hasOvsOfctl)("with ovs-ofctl", () => {
  test("a group is read by ours if, and only if, it is read by ovs-ofctl", async () => {
    const refused = await refusals(
      ["-O", "OpenFlow15", "add-groups"],
      groups.map(({ line }) => line),
    );
    const read = (isRead: (index: number) => boolean): readonly string[] =>
      groups.flatMap(({ line }, index) => (isRead(index) ? [line] : []));
    expect(read((index) => groups[index]?.group !== undefined)).toEqual(read((index) => refused[index] === undefined));
  }, 60_000);

  test("both send the same bytes for what OpenFlow 1.3 can say of a group", async () => {
    const plain = linesOf("groupMod");
    const command = ["-O", "OpenFlow13", "add-groups"];
    const lines = plain.map(({ line }) => line);
    const { messages, refusal } = await sentMessages(4, command, lines);
    expect(refusal).toBeUndefined();
    const ours = plain.map(({ group }) => hex(encodeMessage(group, 0).subarray(headerSize)));
    expect(ours).toEqual(messages.map((message) => hex(message.subarray(headerSize))));
    const again = messages.map((message) => encodeMessage(decodeMessage(message).message, 0));
    expect(again.map((message) => hex(message.subarray(headerSize)))).toEqual(ours);
  }, 60_000);

  test("ours sends as Nicira's message what ovs-ofctl sends in OpenFlow 1.5, with ids of buckets and methods", async () => {
    const extended = linesOf("bucketGroupMod").filter(({ line }) => line !== otherMasks);
    const lines = extended.map(({ line }) => line);
    const { messages, refusal } = await sentMessages(6, ["-O", "OpenFlow15", "add-groups"], lines);
    expect(refusal).toBeUndefined();
    const ours = extended.map(({ group }) => hex(encodeMessage(group, 0).subarray(niciraHeaderSize)));
    expect(ours).toEqual(messages.map((message) => hex(message.subarray(headerSize))));
    expect(linesOf("bucketGroupMod").map(({ line }) => line)).toContain(otherMasks);
  }, 60_000);

  test("a meter is read by ours if it is read by ovs-ofctl, is the same bytes, and is printed alike", async () => {
    const lines = corpus("meters");
    const ours = lines.map((line) => read(parseMeter, line));
    const command = ["-O", "OpenFlow13", "add-meter"];
    const theirs = await Promise.all(lines.map((line) => sentMessages(4, command, [], line)));
    const bytes = ours.map((meter) => (meter === undefined ? "" : hex(encodeMessage(meter, 0).subarray(headerSize))));
    expect(bytes).toEqual(theirs.map(({ messages }) => hex(messages[0]?.subarray(headerSize))));
    const printed = await printedMessages(theirs.flatMap(({ messages }) => messages));
    // It sends a meter with both units, and doesn't print it.
    const isPrinted = ({ flags }: MeterMod): boolean => !(flags?.kbps === true && flags.pktps === true);
    const texts = ours.flatMap((meter) => (meter !== undefined && isPrinted(meter) ? [formatMeter(meter)] : []));
    const printedBodies = [...printed.matchAll(/ADD (meter=[^]*?)(?=\nOFPT|$(?![^]))/g)].map(([, text = ""]) =>
      text.trim(),
    );
    expect(texts).toEqual(printedBodies);
  }, 60_000);
});
