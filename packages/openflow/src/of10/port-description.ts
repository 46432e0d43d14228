import { bits, fixedText, listToEnd, mapped, struct, u32, type ValueOf } from "@loomstack/wire";
import { mac } from "../of13/field-types.ts";
import { type PortDescription, portConfig } from "../of13/port-description.ts";
import { shortPortNo } from "../of13/ports.ts";
import { unsayable } from "../version/version.ts";

const positions = {
  half10Mb: 0,
  full10Mb: 1,
  half100Mb: 2,
  full100Mb: 3,
  half1Gb: 4,
  full1Gb: 5,
  full10Gb: 6,
  copper: 7,
  fiber: 8,
  autoNegotiation: 9,
  pause: 10,
  asymmetricPause: 11,
} as const;

type Features = PortDescription["current"];

/** @see OpenFlow 1.0.0, 5.2.1 (ofp_port_features) */
export const portFeatures10 = mapped(bits(u32, positions), {
  decode: (features): Features => features,
  encode: (features: Features) => {
    for (const [name, isSet] of Object.entries(features))
      if (isSet === true && !(name in positions)) throw unsayable("1.0", `the port feature ${name}`);
    return features;
  },
});

const speedsKbps: readonly (readonly [keyof Features, number])[] = [
  ["full10Gb", 10_000_000],
  ["full1Gb", 1_000_000],
  ["half1Gb", 1_000_000],
  ["full100Mb", 100_000],
  ["half100Mb", 100_000],
  ["full10Mb", 10_000],
  ["half10Mb", 10_000],
];

const physicalPort = struct({
  portNo: shortPortNo,
  hwAddr: mac.codec,
  name: fixedText(16),
  config: portConfig,
  state: bits(u32, { linkDown: 0 }),
  current: portFeatures10,
  advertised: portFeatures10,
  supported: portFeatures10,
  peer: portFeatures10,
});

/**
 * One port. Speeds are the fastest of its features; bits that only OpenFlow 1.0 has (of the spanning tree, and noFlood)
 * stay unnamed. @see OpenFlow 1.0.0, 5.2.1 (ofp_phy_port)
 */
export const portDescription10 = mapped(physicalPort, {
  decode: (port): PortDescription => ({
    ...port,
    currentSpeedKbps: fastest(port.current),
    maxSpeedKbps: fastest(port.supported),
  }),
  encode: (port: PortDescription) => ({ ...port, state: checkedState(port.state) }),
});

export const portDescriptionReplyFields10 = { entries: listToEnd(portDescription10) };

function fastest(features: Features): number {
  return speedsKbps.find(([name]) => features[name] === true)?.[1] ?? 0;
}

function checkedState(state: PortDescription["state"]): ValueOf<typeof physicalPort>["state"] {
  if (state.blocked === true || state.live === true) throw unsayable("1.0", "that a port is blocked or live");
  return state;
}
