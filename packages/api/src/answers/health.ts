/** What the calls about health answer with. */
import { z } from "zod";

const check = z.object({ name: z.string(), ok: z.boolean(), text: z.string() });

export type HealthCheck = z.output<typeof check>;

/** `GET /health/live` and `GET /health/ready`; the checks for administrators alone */
export const healthAnswer = z.object({
  status: z.enum(["ok", "failing"]),
  checks: z.array(check).readonly().exactOptional(),
});
