import { type Ip, type Mac, parseIp, parseMac, parseUuid } from "@loomstack/core";
import { explainedKinds, type TraceProtocol, traceModes } from "@loomstack/model";
import { z } from "zod";
import { explainAnswer, traceAnswer } from "./answers/explain.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

/** A text that `read` takes; what it throws becomes what is wrong with the body. */
function textOf<Value>(read: (text: string) => Value, what: string) {
  return z.string().transform((text, context): Value => {
    try {
      return read(text);
    } catch {
      context.addIssue(`is no ${what}`);
      return z.NEVER;
    }
  });
}

const ip = textOf(parseIp, "IP address");
const mac = textOf(parseMac, "MAC address");
const address = textOf(
  (text): Ip | Mac => (/^[\da-f]{2}[:-]/i.test(text) ? macOrIp(text) : parseIp(text)),
  "IP or MAC address",
);
const protocol = textOf(parseProtocol, "protocol such as icmp, arp, rs, tcp/80, udp/53");

const explainBody = z.strictObject({ kind: z.enum(explainedKinds), id: z.string().min(1).max(65_536) });
const traceBody = z
  .strictObject({
    from: textOf((text) => parseUuid(text.toLowerCase()), "port id"),
    to: address,
    protocol: protocol.default({ name: "icmp" }),
    sourceMac: mac.optional(),
    sourceIp: ip.optional(),
    size: z.int().min(1).max(65_535).optional(),
    mode: z.enum(traceModes).default("held"),
    deliver: z.boolean().default(true),
  })
  .refine(({ mode, deliver }) => mode === "live" || deliver, "deliver is about the packet that mode live sends");

/**
 * Why flows are there, and where packets go. They change no intent; what they are asked for is too long for a path.
 */
export function explainRoutes(app: ApiScope, { explanations }: ControllerApiOptions): void {
  app.post("/explain", { schema: { body: explainBody, response: { 200: explainAnswer } } }, ({ body }) =>
    explanations.explain(body),
  );
  app.post("/trace", { schema: { body: traceBody, response: { 200: traceAnswer } } }, async ({ body }) => {
    const { mode, deliver, ...request } = body;
    return mode === "live" ? explanations.traceLive({ ...request, deliver }) : explanations.trace(request);
  });
}

/** An IPv6 address may begin as a MAC address does: "20:…" */
function macOrIp(text: string): Ip | Mac {
  try {
    return parseMac(text);
  } catch {
    return parseIp(text);
  }
}

function parseProtocol(text: string): TraceProtocol {
  if (text === "icmp" || text === "arp" || text === "rs") return { name: text };
  const [, name, digits] = /^(tcp|udp)\/(\d{1,5})$/.exec(text) ?? [];
  const destinationPort = Number(digits);
  if ((name !== "tcp" && name !== "udp") || destinationPort > 0xffff) throw new TypeError("no protocol");
  return { name, destinationPort };
}
