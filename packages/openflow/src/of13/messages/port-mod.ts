import { pad, type StructInput } from "@loomstack/wire";
import { mac } from "../field-types.ts";
import { portConfig, portFeatures } from "../port-description.ts";
import { portNo } from "../ports.ts";

/** Changes how a port behaves. @see OpenFlow 1.3.5, 7.3.4.3 (ofp_port_mod) */
export const portModFields = {
  portNo,
  _: pad(4),
  /** The port's own: it guards against a port that has changed its number. */
  hwAddr: mac.codec,
  _2: pad(2),
  config: portConfig,
  /** Which bits of `config` count. */
  mask: portConfig,
  /** Nothing set: as it is. */
  advertise: portFeatures,
  _3: pad(4),
};

export type PortMod = { readonly kind: "portMod" } & StructInput<typeof portModFields>;
