import { mapped, struct, type ValueOf } from "@loomstack/wire";
import { asyncConfig2Fields } from "../../nicira/async-config2.ts";
import type { AsyncConfig } from "../../of13/messages/async.ts";
import { keptProperties } from "../properties.ts";

const properties = struct(asyncConfig2Fields);

type Property = ReturnType<typeof propertiesOf>[number];

/** With what OpenFlow 1.3 doesn't know of. */
interface AsyncConfig15 extends AsyncConfig {
  readonly properties?: ValueOf<typeof properties>["properties"];
}

/** The configuration of OpenFlow 1.3 as properties of 1.4 and later. */
export function propertiesOf({ packetIn, portStatus, flowRemoved }: AsyncConfig) {
  return [
    { kind: "packetInSecondary", mask: packetIn.secondary },
    { kind: "packetInPrimary", mask: packetIn.primary },
    { kind: "portStatusSecondary", mask: portStatus.secondary },
    { kind: "portStatusPrimary", mask: portStatus.primary },
    { kind: "flowRemovedSecondary", mask: flowRemoved.secondary },
    { kind: "flowRemovedPrimary", mask: flowRemoved.primary },
  ] as const;
}

/** What is told unasked, as far as OpenFlow 1.3 knows of it. @see OpenFlow 1.5.1, 7.3.10 (ofp_async_config) */
export const asyncConfig15 = mapped(properties, {
  decode: ({ properties }): AsyncConfig15 => {
    const masks = new Map(properties.map((member) => [member.kind, "mask" in member ? member.mask : {}]));
    const of = (kind: Property["kind"]): object => masks.get(kind) ?? {};
    const config = {
      packetIn: { primary: of("packetInPrimary"), secondary: of("packetInSecondary") },
      portStatus: { primary: of("portStatusPrimary"), secondary: of("portStatusSecondary") },
      flowRemoved: { primary: of("flowRemovedPrimary"), secondary: of("flowRemovedSecondary") },
    };
    return { ...config, ...keptProperties(asyncConfig2Fields.properties, properties, propertiesOf(config)) };
  },
  encode: (config: AsyncConfig15) => ({ properties: config.properties ?? propertiesOf(config) }),
});
