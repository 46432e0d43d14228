/** What the calls about traffic answer with. */
import type { NetworkTraffic, PortTraffic } from "@loomstack/model";
import { z } from "zod";
import { counter, uuid } from "./scalars.ts";

const counters = z.object({
  ...{ rxPackets: counter, txPackets: counter, rxBytes: counter, txBytes: counter },
  ...{ rxDropped: counter, txDropped: counter, rxErrors: counter, txErrors: counter },
});

const refused = z.object({ packets: z.string().regex(/^\d+$/), bytes: z.string().regex(/^\d+$/) });

/** `GET /ports/{id}/traffic` */
export const portTrafficAnswer = z.object({
  port: uuid,
  hypervisor: z.string().nullable(),
  counters: counters.nullable(),
  since: z.number().nullable(),
  refused: refused.extend({ since: z.number() }).nullable(),
  reason: z.string(),
}) satisfies z.ZodType<PortTraffic>;

/** `GET /networks/{id}/traffic` */
export const networkTrafficAnswer = z.object({
  network: uuid,
  sum: counters,
  refused,
  ports: z.array(portTrafficAnswer).readonly(),
}) satisfies z.ZodType<NetworkTraffic>;
