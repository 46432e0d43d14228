import { bits, fixedText, pad, struct, u32, type ValueOf } from "@loomstack/wire";
import { mac } from "./field-types.ts";
import { portNo } from "./ports.ts";

/** Speeds and media, as bits. @see OpenFlow 1.3.5, 7.2.1 (ofp_port_features) */
export const portFeatures = bits(u32, {
  half10Mb: 0,
  full10Mb: 1,
  half100Mb: 2,
  full100Mb: 3,
  half1Gb: 4,
  full1Gb: 5,
  full10Gb: 6,
  full40Gb: 7,
  full100Gb: 8,
  full1Tb: 9,
  otherSpeed: 10,
  copper: 11,
  fiber: 12,
  autoNegotiation: 13,
  pause: 14,
  asymmetricPause: 15,
});

/** How a port is set to behave. @see OpenFlow 1.3.5, 7.2.1 (ofp_port_config) */
export const portConfig = bits(u32, { portDown: 0, noReceive: 2, noForward: 5, noPacketIn: 6 });

/** One port of a switch. @see OpenFlow 1.3.5, 7.2.1 (ofp_port) */
export const portDescription = struct({
  portNo,
  _: pad(4),
  hwAddr: mac.codec,
  _2: pad(2),
  /** The first 15 bytes of it. */
  name: fixedText(16),
  config: portConfig,
  state: bits(u32, { linkDown: 0, blocked: 1, live: 2 }),
  current: portFeatures,
  advertised: portFeatures,
  supported: portFeatures,
  peer: portFeatures,
  currentSpeedKbps: u32,
  maxSpeedKbps: u32,
});

export type PortDescription = ValueOf<typeof portDescription>;
