import type { Ipv4, Mac } from "@loomstack/core";
import type { Action, ActionList, ReceivedActions } from "../of13/actions.ts";
import type { Match } from "../of13/match.ts";
import type { FieldName } from "../of13/oxm.ts";
import { unsayable } from "../version/version.ts";

type SetField = Extract<Action, { readonly kind: "setField" }>;

const vlanTag = 0x1000;

/** The action that sets each field, where there is one. The values are those of the field's type. */
const setters: Readonly<Partial<Record<FieldName, (value: never) => Action>>> = {
  ethSrc: (address: Mac) => ({ kind: "setDlSrc", address }),
  ethDst: (address: Mac) => ({ kind: "setDlDst", address }),
  vlanVid: (value: number) => ({ kind: "setVlanVid", vlanVid: value & 0xfff }),
  vlanPcp: (vlanPcp: number) => ({ kind: "setVlanPcp", vlanPcp }),
  ipv4Src: (address: Ipv4) => ({ kind: "setNwSrc", address }),
  ipv4Dst: (address: Ipv4) => ({ kind: "setNwDst", address }),
  ipDscp: (value: number) => ({ kind: "setNwTos", nwTos: value << 2 }),
  tcpSrc: (port: number) => ({ kind: "setTpSrc", port }),
  tcpDst: (port: number) => ({ kind: "setTpDst", port }),
  udpSrc: (port: number) => ({ kind: "setTpSrc", port }),
  udpDst: (port: number) => ({ kind: "setTpDst", port }),
};

/** @throws OPENFLOW__UNSUPPORTED_BY_VERSION for a field that no action sets */
export function setFieldAction({ field, value }: SetField): Action {
  const setter = setters[field];
  if (setter === undefined) throw unsayable("1.0", `an action that sets ${field}`);
  return setter(value as never);
}

/**
 * Without the pushVlan in front of setting vlanVid, which OpenFlow 1.0 does by itself to a packet that has no tag.
 *
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION unless the match asks for untagged packets: a tagged one would be retagged
 */
export function withoutPushVlan(actions: ActionList, match: Match): ActionList {
  return actions.filter((action, index) => {
    if (action.kind !== "pushVlan") return true;
    const next = actions[index + 1];
    const setsTag = next?.kind === "setField" && next.field === "vlanVid" && (next.value & vlanTag) !== 0;
    const isFirst = !actions.slice(0, index).some(({ kind }) => kind === "pushVlan" || kind === "setVlanVid");
    if (action.etherType === 0x8100 && setsTag && isFirst && match.vlanVid === 0) return false;
    throw unsayable("1.0", "the action pushVlan but on untagged packets (vlanVid 0), directly before vlanVid is set");
  });
}

/** The reverse: what gives a tag to a packet that has none is a pushVlan, and then sets vlanVid. */
export function withPushVlan(actions: ReceivedActions, match: Match): ReceivedActions {
  const at = actions.findIndex(({ kind }) => kind === "setVlanVid" || kind === "setVlanPcp");
  const first = actions[at];
  if (match.vlanVid !== 0 || first?.kind !== "setVlanVid" || first.vlanVid >= vlanTag) return actions;
  return [
    ...actions.slice(0, at),
    { kind: "pushVlan", etherType: 0x8100 },
    { kind: "setField", field: "vlanVid", value: vlanTag | first.vlanVid },
    ...actions.slice(at + 1),
  ];
}
