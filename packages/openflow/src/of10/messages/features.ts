import { bits, listToEnd, mapped, pad, struct, u32, type ValueOf } from "@loomstack/wire";
import type { FeaturesWithPorts } from "../../of13/messages.ts";
import { featuresReplyFields } from "../../of13/messages/features.ts";
import { unsayable } from "../../version/version.ts";
import { portDescription10 } from "../port-description.ts";

const { dpid, bufferCount, tableCount } = featuresReplyFields;
const reply = struct({
  dpid,
  bufferCount,
  tableCount,
  _: pad(3),
  capabilities: bits(u32, { flowStats: 0, tableStats: 1, portStats: 2, ipReassembly: 5, queueStats: 6 }),
  /** The actions that the switch can do, as bits by their number. */
  actions: u32,
  ports: listToEnd(portDescription10),
});

type Features = Omit<FeaturesWithPorts, "kind">;

/** What a switch is, and its ports. @see OpenFlow 1.0.0, 5.3.1 (ofp_switch_features) */
export const featuresReply10 = mapped(reply, {
  decode: (features): Features & Pick<ValueOf<typeof reply>, "actions"> => ({ ...features, auxiliaryId: 0 }),
  encode: ({
    capabilities,
    ...features
  }: Partial<Pick<ValueOf<typeof reply>, "actions" | "ports">> & Omit<Features, "ports">) => {
    if (capabilities.groupStats === true || capabilities.portBlocked === true)
      throw unsayable("1.0", "that a switch has groups or blocks ports");
    return { actions: 0, ports: [], ...features, capabilities };
  },
});
