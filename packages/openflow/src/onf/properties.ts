import { bytesToEnd, tlv, type TlvLayout, u16, u32, type Variants, variants } from "@loomstack/wire";

/** How properties are laid out since OpenFlow 1.4: the length doesn't count the padding. */
const layout: TlvLayout = { type: u16, length: u16, alignTo: 8, lengthCountsPadding: false };

/** One property of a family; `{ kind: "unknown" }` for a type outside it. @see OpenFlow 1.4.0, 7.2.2 */
export function property<Value, Input>(family: Variants<Value, Input>) {
  return tlv(layout, family);
}

/** Properties that only an experimenter gives a meaning, where nobody else does. */
export const experimenterProperty = property(
  variants({ experimenter: [0xffff, { experimenter: u32, experimenterType: u32, data: bytesToEnd }] }),
);
