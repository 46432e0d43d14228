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
  http: listen
    .extend({
      /** Proxies that are believed where a request comes from and what it has reached (`X-Forwarded-…`): addresses, prefixes. */
      trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
    })
    .prefault({ host: "127.0.0.1", port: 8080 }),
  /** Where hypervisors' bridges find the controller. */
  openflow: listen
    .extend({
      /** The address that bridges are told, where it isn't the one by which we reach the hypervisor. */
      advertise: z.ipv4().optional(),
    })
    .default({ host: "127.0.0.1", port: 6653 }),
  /** Where hypervisors may dial in by OVSDB; without it none can. Which ones are taken is said for each. */
  ovsdb: z
    .strictObject({
      listen: z
        .strictObject({ host: listen.shape.host.default("127.0.0.1"), port: listen.shape.port.default(6640) })
        .optional(),
    })
    .default({}),
  /** The MTU of the network between the hypervisors, in bytes of IP packets: what a tunnel takes of it, guests can't use. */
  underlayMtu: z.int().min(1_280).max(65_535).default(1_500),
  /** Who calls. */
  identity: z
    .strictObject({
      /** For how long a token counts, in seconds. */
      tokenLifetimeSec: z.int().min(60).max(604_800).default(3_600),
    })
    .prefault({}),
  /** The Networking API. */
  networking: z
    .strictObject({
      /** The name of the user for whom it takes who shows nothing, as Neutron does without Keystone. On loopback only. */
      anonymousUser: z.string().min(1).optional(),
    })
    .default({}),
  /** What guests are told by DHCP, router advertisements and DNS. */
  guests: z
    .strictObject({
      /** For how long they may use their addresses without asking again, in seconds: a controller may be away as long. */
      leaseSec: z.int().min(600).max(31_536_000).default(86_400),
      /** The domain that their names are in. */
      dnsDomain: z
        .string()
        .regex(
          /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/,
          "is no domain name in lower case",
        )
        .max(180)
        .default("loomstack.internal"),
    })
    .prefault({}),
  /** Files in PEM: who we are to hypervisors and switches, and the authority that has to have signed their certificates. */
  tls: z
    .strictObject({ privateKey: z.string().min(1), certificate: z.string().min(1), caCertificate: z.string().min(1) })
    .optional(),
  /** OVSDB and OpenFlow in the clear. Has to be asked for: whoever can speak to these ports owns the network. */
  plainTcp: z.boolean().default(false),
  /** How long the cloud keeps a network that no instance uses, in seconds. */
  networkIdleSec: z.number().min(0).default(600),
  /**
   * Whether guests leave checksums and segmentation to their host; to be false where Open vSwitch uses its userspace
   * datapath.
   */
  guestOffloads: z.boolean().default(true),
  /** What a monitoring system has to show to read metrics: the first line of this file. */
  metrics: z.strictObject({ tokenFile: z.string().min(1).optional() }).default({}),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).default({ level: "info" }),
});

export type Config = z.infer<typeof configSchema>;

/**
 * The configuration in a text.
 *
 * @param file whose text it is, for the complaints
 * @throws CONFIG__INVALID with every complaint, by path
 */
export function parseConfig(text: string, file: string): Config {
  const invalid = (reason: string): LoomstackError => new LoomstackError("CONFIG__INVALID", { file, reason });
  const { data, error } = configSchema.safeParse(parseJson(text, invalid));
  if (error) throw invalid(error.issues.map(complaint).join("; "));
  if (data.networking.anonymousUser !== undefined && !["127.0.0.1", "localhost"].includes(data.http.host))
    throw invalid('"networking.anonymousUser" lets everybody in who can reach "http.host": that has to be 127.0.0.1');
  if (data.tls !== undefined && data.plainTcp) throw invalid('"tls" and "plainTcp" exclude each other');
  if (data.halves.includes("controller") && data.tls === undefined && !data.plainTcp) {
    throw invalid(
      'the controller needs "tls"; set "plainTcp": true instead if the network to the hypervisors is yours alone',
    );
  }
  return data;
}

/** @throws CONFIG__UNREADABLE, CONFIG__INVALID */
export async function readConfig(file: string): Promise<Config> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new LoomstackError("CONFIG__UNREADABLE", { file, reason: messageOf(error) }, { cause: error });
  });
  return parseConfig(text, file);
}

function parseJson(text: string, invalid: (reason: string) => LoomstackError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(`it isn't JSON: ${messageOf(error)}`);
  }
}

function complaint({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".") || "the document"}: ${message}`;
}
