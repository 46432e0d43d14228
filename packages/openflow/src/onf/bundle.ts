/**
 * Several changes that a switch makes all together or not at all.
 *
 * @see ONF extension 230 for OpenFlow 1.3.X; OpenFlow 1.4.0, 7.3.9
 */
import { bits, bytesToEnd, enumOf, pad, u16, u32 } from "@loomstack/wire";

export const bundleTypes = {
  openRequest: 0,
  openReply: 1,
  closeRequest: 2,
  closeReply: 3,
  commitRequest: 4,
  commitReply: 5,
  discardRequest: 6,
  discardReply: 7,
} as const;

/** `atomic`: all or nothing, also for packets on their way; `ordered`: in the order of the messages. */
const bundleFlags = bits(u16, { atomic: 0, ordered: 1 });

/** ofp_bundle_ctrl_msg. Properties aren't known. */
export const bundleControlFields = {
  bundleId: u32,
  type: enumOf(u16, bundleTypes),
  flags: bundleFlags,
  properties: bytesToEnd,
};

/** ofp_bundle_add_msg: one message of a bundle, with a header whose transaction id is that of the outer one. */
export const bundleAddFields = {
  bundleId: u32,
  _: pad(2),
  flags: bundleFlags,
  message: bytesToEnd,
};
