import { LoomstackError, type OfPort } from "@loomstack/core";
import { type FlowFilter, parseFlowMod, type SwitchConnection } from "@loomstack/openflow";

/** What a person asks for, in the syntax of `ovs-ofctl dump-flows`, and by options. */
export interface FlowQuestion {
  readonly table?: number;
  readonly cookie?: CookieCondition;
}

export interface CookieCondition {
  readonly cookie: bigint;
  readonly cookieMask: bigint;
}

const allBits = 2n ** 64n - 1n;

/**
 * @param text conditions such as `table=1,cookie=0x5/-1,tcp,in_port=p1,out_port=2`
 * @param ports whose names may be in it
 * @throws OPENFLOW__INVALID_TEXT, OPENFLOW__TEXT_TOO_LONG
 */
export function flowFilter(
  text: string,
  { table, cookie }: FlowQuestion,
  { ports }: Pick<SwitchConnection, "ports">,
): FlowFilter {
  const port = (name: string): OfPort | undefined => ports.values().find((known) => known.name === name)?.portNo;
  // Flows are asked for by the same conditions as they are deleted by.
  const parsed = parseFlowMod(text, { command: "delete", names: { port } });
  const { tableId, outPort, outGroup, match } = parsed;
  return {
    tableId: table ?? tableId,
    ...{ outPort, outGroup, match },
    ...(cookie ?? { cookie: parsed.cookie, cookieMask: parsed.cookieMask }),
  };
}

/** `0x5`, or `0x5/0xff` with the bits of it that count. @throws CLI__USAGE */
export function parseCookie(text: string): CookieCondition {
  const [, cookie, mask] = /^(0x[0-9a-f]{1,16}|\d{1,20})(?:\/(0x[0-9a-f]{1,16}|\d{1,20}|-1))?$/i.exec(text) ?? [];
  const condition = {
    cookie: BigInt(cookie ?? -1),
    cookieMask: mask === undefined || mask === "-1" ? allBits : BigInt(mask),
  };
  if (cookie === undefined || condition.cookie > allBits || condition.cookieMask > allBits) {
    throw new LoomstackError("CLI__USAGE", {
      reason: `${text} is no cookie: give a number of 64 bits, or <cookie>/<mask>`,
    });
  }
  return condition;
}
