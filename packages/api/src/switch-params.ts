import { z } from "zod";

/** As 16 hexadecimal digits, or in pairs with colons between them, as OpenDaylight has it. */
const dpid = z
  .string()
  .regex(/^([\da-f]{16}|([\da-f]{2}:){7}[\da-f]{2})$/i, "is no datapath id such as 0000000000000001")
  .transform((text) => text.replaceAll(":", "").toLowerCase());

export const params = z.object({ dpid });
