import { listToEnd, mapped, openEnumOf, pad, struct, u8, type ValueOf, variants } from "@loomstack/wire";
import { mac } from "../../of13/field-types.ts";
import type { PortMod } from "../../of13/messages/port-mod.ts";
import { portStatusReasons } from "../../of13/messages/port-status.ts";
import { portConfig, portFeatures } from "../../of13/port-description.ts";
import { portNo } from "../../of13/ports.ts";
import { property } from "../../onf/properties.ts";
import { portDescription15 } from "../port-description.ts";
import { keptProperties } from "../properties.ts";

/** A port has come, gone or changed. @see OpenFlow 1.5.1, 7.4.3 (ofp_port_status) */
export const portStatusFields15 = { reason: openEnumOf(u8, portStatusReasons), _: pad(7), port: portDescription15 };

/** @see OpenFlow 1.5.1, 7.3.4.4 (ofp_port_mod_prop_type) */
const modProperty = property(variants({ ethernet: [0, { advertise: portFeatures }] }));

const modProperties = listToEnd(modProperty);
type Property = ValueOf<typeof modProperty>;

const portMod = struct({
  portNo,
  _: pad(4),
  hwAddr: mac.codec,
  _2: pad(2),
  config: portConfig,
  mask: portConfig,
  properties: modProperties,
});

/** Changes how a port behaves. @see OpenFlow 1.5.1, 7.3.4.4 (ofp_port_mod) */
export const portMod15 = mapped(portMod, {
  decode: ({ properties, ...rest }) => {
    const ethernet = properties.find((member) => member.kind === "ethernet");
    const advertise = ethernet?.kind === "ethernet" ? ethernet.advertise : {};
    return { ...rest, advertise, ...keptProperties(modProperties, properties, propertiesOf(advertise)) };
  },
  encode: ({ properties, ...rest }: Omit<PortMod, "kind"> & { readonly properties?: readonly Property[] }) => ({
    ...rest,
    properties: properties ?? propertiesOf(rest.advertise),
  }),
});

function propertiesOf(advertise: PortMod["advertise"]): readonly Property[] {
  return Object.keys(advertise).length === 0 ? [] : [{ kind: "ethernet", advertise }];
}
