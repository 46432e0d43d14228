import type { MatchEntry } from "../of13/match.ts";

/**
 * What a match says of a packet's tag: by the names that OpenFlow 1.0 has for its parts where it asks for whole parts of
 * a tag, else by its bits.
 */
export function vlanCondition(entries: readonly MatchEntry[]): readonly string[] {
  const tag = { value: 0, mask: 0 };
  for (const { row, value, mask } of entries) {
    const shift = row.name === "vlanPcp" ? 13 : 0;
    if (row.name !== "vlanVid" && row.name !== "vlanPcp" && row.name !== "vlanTci") continue;
    tag.value |= Number(value) << shift;
    tag.mask |= (mask === undefined ? 2 ** row.type.bits - 1 : Number(mask)) << shift;
  }
  return tag.mask === 0 ? [] : tagConditions(tag.value, tag.mask);
}

const present = 0x1000;
const idBits = 0x0fff;
const priorityBits = 0xe000;

function tagConditions(value: number, mask: number): readonly string[] {
  const [id, priority] = [mask & idBits, mask & priorityBits];
  const wholeParts = (id === 0 || id === idBits) && (priority === 0 || priority === priorityBits) && id + priority > 0;
  if (wholeParts && (mask & value & present) !== 0) {
    return [
      ...(id === 0 ? [] : [`dl_vlan=${value & idBits}`]),
      ...(priority === 0 ? [] : [`dl_vlan_pcp=${value >> 13}`]),
    ];
  }
  return [mask === 0xffff ? `vlan_tci=${hex16(value)}` : `vlan_tci=${hex16(value)}/${hex16(mask)}`];
}

function hex16(bits: number): string {
  return `0x${bits.toString(16).padStart(4, "0")}`;
}
