import {
  listToEnd,
  mapped,
  pad,
  sized,
  struct,
  fixedText,
  bits,
  u16,
  u32,
  type ValueOf,
  variants,
} from "@loomstack/wire";
import { mac } from "../of13/field-types.ts";
import { type PortDescription, portConfig, portFeatures } from "../of13/port-description.ts";
import { portNo } from "../of13/ports.ts";
import { property } from "../onf/properties.ts";
import { keptProperties } from "./properties.ts";

/** @see OpenFlow 1.5.1, 7.2.1.2 (ofp_port_desc_prop_type) */
const portProperty = property(
  variants({
    ethernet: [
      0,
      {
        _: pad(4),
        current: portFeatures,
        advertised: portFeatures,
        supported: portFeatures,
        peer: portFeatures,
        currentSpeedKbps: u32,
        maxSpeedKbps: u32,
      },
    ],
  }),
);

const portProperties = listToEnd(portProperty);

const port = struct({
  portNo,
  rest: sized(
    u16,
    struct({
      hwAddr: mac.codec,
      _: pad(2),
      /** The first 15 bytes of it. */
      name: fixedText(16),
      config: portConfig,
      state: bits(u32, { linkDown: 0, blocked: 1, live: 2 }),
      properties: portProperties,
    }),
    { countsItself: true, countsBefore: 4, gap: 2 },
  ),
});

type Property = ValueOf<typeof portProperty>;
type Ethernet = Extract<Property, { readonly kind: "ethernet" }>;

/** A port with the properties that OpenFlow 1.3 doesn't have, such as those of optical ports. */
export interface PortDescription15 extends PortDescription {
  readonly properties?: readonly Property[];
}

const noEthernet = {
  ...{ current: {}, advertised: {}, supported: {}, peer: {} },
  ...{ currentSpeedKbps: 0, maxSpeedKbps: 0 },
} as const;

function ethernetOf(port: PortDescription): Ethernet {
  const { current, advertised, supported, peer, currentSpeedKbps, maxSpeedKbps } = port;
  return { kind: "ethernet", current, advertised, supported, peer, currentSpeedKbps, maxSpeedKbps };
}

/** One port of a switch. @see OpenFlow 1.5.1, 7.2.1.1 (ofp_port) */
export const portDescription15 = mapped(port, {
  decode: ({ portNo, rest: { properties, ...rest } }): PortDescription15 => {
    const found = properties.find((member): member is Ethernet => member.kind === "ethernet");
    const { kind: _, ...ethernet } = found ?? { kind: "", ...noEthernet };
    const description = { portNo, ...rest, ...ethernet };
    return { ...description, ...keptProperties(portProperties, properties, [ethernetOf(description)]) };
  },
  encode: (description: PortDescription15) => {
    const { portNo, hwAddr, name, config, state, properties = [ethernetOf(description)] } = description;
    return { portNo, rest: { hwAddr, name, config, state, properties } };
  },
});

export const portDescriptionReplyFields15 = { entries: listToEnd(portDescription15) };
