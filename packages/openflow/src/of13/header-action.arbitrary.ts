/** For tests: random actions that write headers which packets have or don't have. */
import type { Mac } from "@loomstack/core";
import fc, { type Arbitrary } from "fast-check";
import { mac } from "./field-types.ts";
import type { ActionChoice } from "./action-choice.arbitrary.ts";
import { address, type Kind, type Made, make, u16, u8 } from "./action-kind.arbitrary.ts";

export function headerActions(choice: ActionChoice) {
  const isIpv4 = choice.has("ethType", 0x0800);
  const isIp = isIpv4 || choice.has("ethType", 0x86dd);
  const isMpls = choice.has("ethType", 0x8847, 0x8848);
  const hasPorts = isIp && choice.has("ipProto", 6, 17, 132);
  const when = <T>(condition: boolean, made: T): T | undefined => (condition ? made : undefined);
  const macAddress: Arbitrary<Mac> = fc.bigInt(0n, 2n ** 48n - 1n).map(mac.fromInteger);
  return {
    setDlSrc: when(choice.isEthernet, make("setDlSrc", { address: macAddress })),
    setDlDst: when(choice.isEthernet, make("setDlDst", { address: macAddress })),
    setVlanVid: when(choice.isTagged, make("setVlanVid", { vlanVid: fc.nat(0xfff) })),
    setVlanPcp: when(choice.isTagged, make("setVlanPcp", { vlanPcp: fc.nat(7) })),
    setNwSrc: when(isIpv4, make("setNwSrc", { address })),
    setNwDst: when(isIpv4, make("setNwDst", { address })),
    setNwTos: when(isIp, make("setNwTos", { nwTos: fc.nat(63).map((dscp) => dscp * 4) })),
    setNwEcn: when(isIp, make("setNwEcn", { nwEcn: fc.nat(3) })),
    setNwTtl: when(isIp, make("setNwTtl", { nwTtl: u8 })),
    decNwTtl: when(isIp, make("decNwTtl")),
    decNwTtlControllers: when(
      isIp,
      make("decNwTtlControllers", { controllerIds: fc.array(u16, { minLength: 1, maxLength: 5 }) }),
    ),
    setTpSrc: when(hasPorts, make("setTpSrc", { port: u16 })),
    setTpDst: when(hasPorts, make("setTpDst", { port: u16 })),
    finTimeout: when(
      isIp && choice.has("ipProto", 6),
      make("finTimeout", { idleTimeoutSec: u16, hardTimeoutSec: u16 }),
    ),
    setMplsLabel: when(isMpls, make("setMplsLabel", { mplsLabel: fc.nat(0xf_ffff) })),
    setMplsTc: when(isMpls, make("setMplsTc", { mplsTc: fc.nat(7) })),
    setMplsTtl: when(isMpls, make("setMplsTtl", { mplsTtl: u8 })),
    decMplsTtl: when(isMpls, make("decMplsTtl")),
    decNshTtl: when(choice.has("ethType", 0x894f), make("decNshTtl")),
    // What a packet is afterwards, differs: they come in lists of their own.
    ...{ pushVlan: undefined, popVlan: undefined, pushMpls: undefined, popMpls: undefined },
    ...{ encap: undefined, decap: undefined },
    ...{ copyTtlIn: undefined, copyTtlOut: undefined, pushPbb: undefined, popPbb: undefined },
  } satisfies { readonly [K in Kind]?: Made<K> };
}
