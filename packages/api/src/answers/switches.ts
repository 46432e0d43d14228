/** What the calls about switches answer with. */
import type { PuntedPackets, SwitchDetail, SwitchStatistics, SwitchStatus } from "@loomstack/model";
import { z } from "zod";
import { count, counter, revision, uuid } from "./scalars.ts";

const status = z.object({
  dpid: z.string(),
  name: z.string().nullable(),
  registered: z.boolean(),
  connected: z.boolean(),
  address: z.string().nullable(),
  certificate: z.string().nullable(),
  version: z.string().nullable(),
  hypervisor: z.string().nullable(),
  state: z.enum(["discovered", "hypervisor", "not-connected", "preparing", "ready"]),
  reason: z.string(),
  realised: revision,
  flows: z.object({ wanted: count, installed: count, refused: count }),
  puntMeter: z.object({ metered: z.boolean(), reason: z.string() }).nullable(),
  counters: z.object({
    flowModsSent: count,
    driftRepaired: count,
    connections: count,
    packetsPunted: count,
  }),
}) satisfies z.ZodType<SwitchStatus>;

const description = z.object({
  manufacturer: z.string(),
  hardware: z.string(),
  software: z.string(),
  serialNumber: z.string(),
  datapath: z.string(),
});

const port = z.object({
  port: z.string(),
  name: z.string(),
  mac: z.string(),
  config: z.array(z.string()).readonly(),
  state: z.array(z.string()).readonly(),
  speedKbps: count,
});

/** `GET /switches` */
export const switchesAnswer = z.object({ switches: z.array(status).readonly() });

/** `GET` and `POST /switches/{dpid}` */
export const switchAnswer = status.extend({
  description: description.nullable(),
  ports: z.array(port).readonly(),
}) satisfies z.ZodType<SwitchDetail>;

/** `GET /switches/{dpid}/statistics` */
export const switchStatisticsAnswer = z.object({
  ports: z
    .array(
      z.object({
        port: z.string(),
        ...{ rxPackets: counter, txPackets: counter, rxBytes: counter, txBytes: counter },
        ...{ rxDropped: counter, txDropped: counter, rxErrors: counter, txErrors: counter },
      }),
    )
    .readonly(),
  tables: z.array(z.object({ table: count, active: count, lookups: counter, matched: counter })).readonly(),
  tableCount: count,
}) satisfies z.ZodType<SwitchStatistics>;

/** `GET /switches/{dpid}/packets` */
export const puntedPacketsAnswer = z.object({
  count,
  last: z
    .array(
      z.object({
        at: z.number(),
        inPort: z.string(),
        table: count.nullable(),
        flow: uuid.nullable(),
        reason: z.string(),
        totalBytes: count,
        start: z.string(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<PuntedPackets>;
