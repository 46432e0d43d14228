/** What a match asks of a VLAN tag by names that say two things at once: a value, and that there is a tag. */
import { fieldRow } from "../../of13/oxm.ts";
import type { MatchBuilder } from "./match-builder.ts";
import { integerIn } from "./numbers.ts";
import { refused, type TextSlice, textOf } from "./text-slice.ts";

const present = 0x1000;
const idBits = 0x0fff;
/** The VLAN id of OpenFlow 1.0 for packets without a tag. */
const noTag = 0xffff;

/** @returns whether `key` is one of the names */
export function readVlan(builder: MatchBuilder, key: string, value: TextSlice): boolean {
  if (key === "dl_vlan") {
    readId(builder, value);
    return true;
  }
  if (key !== "dl_vlan_pcp" && key !== "vlan_pcp") return false;
  const priority = number(value, 7, "a priority from 0 to 7");
  builder.set(fieldRow("vlanPcp"), { bits: BigInt(priority), mask: undefined });
  builder.add(fieldRow("vlanVid"), 12, 1, 1n);
  return true;
}

function readId(builder: MatchBuilder, value: TextSlice): void {
  const id = number(value, noTag, `a VLAN id from 0 to 4095, or ${noTag} for packets without a tag`);
  if (id === noTag) builder.set(fieldRow("vlanTci"), { bits: 0n, mask: undefined });
  else if (id > idBits) throw refused(value, "is no VLAN id", "a number from 0 to 4095");
  else builder.set(fieldRow("vlanVid"), { bits: BigInt(present + id), mask: undefined });
}

function number(slice: TextSlice, most: number, allowed: string): number {
  const read = integerIn(textOf(slice));
  if (read === undefined || read < 0n || read > BigInt(most))
    throw refused(slice, "says nothing of a VLAN tag", allowed);
  return Number(read);
}
