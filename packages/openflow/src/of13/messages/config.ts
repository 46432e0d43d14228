import { openEnumOf, u16, withDefault } from "@loomstack/wire";

/**
 * How a switch treats IP fragments, and how much of a missed packet it sends us.
 *
 * @see OpenFlow 1.3.5, 7.3.2 (ofp_switch_config)
 */
export const switchConfigFields = {
  fragments: withDefault(openEnumOf(u16, { normal: 0, drop: 1, reassemble: 2 }), "normal"),
  missSendBytes: u16,
};
