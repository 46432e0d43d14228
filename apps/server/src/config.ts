import { readFile } from "node:fs/promises";
import { LoomstackError, messageOf } from "@loomstack/core";
import { z } from "zod";

const listen = z.strictObject({
  host: z.union([z.ipv4(), z.literal("localhost")]),
  port: z.int().min(0).max(65_535),
});

/** The configuration file: JSON, every member checked, unknown members refused. */
export const configSchema = z.strictObject({
  /** A folder of this process alone, for the database and the first administrator's credentials. */
  stateFolder: z.string().min(1),
  /** Which halves run in this process. */
  halves: z.array(z.enum(["cloud", "controller"])).min(1),
  /** Where the HTTP APIs listen. */
  http: listen.default({ host: "127.0.0.1", port: 8080 }),
  /** Where hypervisors' bridges find the controller. */
  openflow: listen
    .extend({
      /** The address that bridges are told, where it isn't the one by which we reach the hypervisor. */
      advertise: z.ipv4().optional(),
    })
    .default({ host: "127.0.0.1", port: 6653 }),
  /** OVSDB and OpenFlow in the clear. Has to be asked for: whoever can speak to these ports owns the network. */
  plainTcp: z.boolean().default(false),
  /** How long the cloud keeps a network that no instance uses, in seconds. */
  networkIdleSec: z.number().min(0).default(600),
  /**
   * Whether guests leave checksums and segmentation to their host; to be false where Open vSwitch uses its userspace
   * datapath.
   */
  guestOffloads: z.boolean().default(true),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).default({ level: "info" }),
});

export type Config = z.infer<typeof configSchema>;

/** @throws CONFIG__INVALID with every complaint, by path */
export function parseConfig(input: unknown): Config {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) {
    const reason = parsed.error.issues
      .map((issue) => `${issue.path.join(".") || "the document"}: ${issue.message}`)
      .join("; ");
    throw new LoomstackError("CONFIG__INVALID", { reason });
  }
  if (parsed.data.halves.includes("controller") && !parsed.data.plainTcp) {
    throw new LoomstackError("CONFIG__INVALID", {
      reason:
        'this release speaks OVSDB and OpenFlow in the clear only; set "plainTcp": true if the network to the hypervisors is yours alone',
    });
  }
  return parsed.data;
}

/** @throws CONFIG__INVALID also when the file can't be read */
export async function readConfig(file: string): Promise<Config> {
  let input: unknown;
  try {
    input = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new LoomstackError("CONFIG__INVALID", { reason: `${file}: ${messageOf(error)}` }, { cause: error });
  }
  return parseConfig(input);
}
