import { open } from "node:fs/promises";

/** A place in ovs-vswitchd's log, from which on it is read. */
export interface LogPlace {
  readonly file: string;
  readonly offset: number;
}

export async function endOfLog(file: string): Promise<LogPlace> {
  await using handle = await open(file);
  return { file, offset: (await handle.stat()).size };
}

export async function readLog({ file, offset }: LogPlace): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - offset)), { position: offset });
  return buffer.toString("utf8", 0, bytesRead);
}

/** A message that changes flows, as ovs-vswitchd received it. */
export interface FlowMod {
  /** ADD, DEL_STRICT and so on. */
  readonly command: string;
  /** What flowKey gives for the flow that it is about. */
  readonly key: string;
}

/**
 * The flow mods that ovs-vswitchd received over TCP, alone or in a bundle: ovs-ofctl comes by the unix socket, and is
 * not counted.
 *
 * @param log of `vconn` at debug level
 */
export function flowModsIn(log: string): readonly FlowMod[] {
  return [...log.matchAll(flowModPattern)].map(
    ([, command = "", table = "0", match = "", cookie = "0x0", actions = ""]) => ({
      command,
      key: `${table} ${match.trim()} ${cookie} ${actions}`,
    }),
  );
}

const header = String.raw`\|(?:tcp|ssl):\S+: received: `;
const bundle = String.raw`(?:ONFT|OFPT)_BUNDLE_ADD_MESSAGE [^\n]*\n[^\n]*\n`;
const flowModPattern = new RegExp(
  String.raw`${header}(?:${bundle})?OFPT_FLOW_MOD [^:]*: (\w+) (?:table:(\d+) )?([^\n]*?)(?:cookie:(\w+)[^\n]*?)? ?actions=([^\n]*)`,
  "g",
);

/** What tells a flow from every other: table, priority, match, cookie, actions. Undefined where a line has no flow. */
export function flowKey(dumpLine: string): string | undefined {
  const found = /cookie=(\w+), .*?table=(\d+), .*?n_bytes=\d+, (?:\w+_age=\d+, )*(.*?) ?actions=(.*)/.exec(dumpLine);
  return found === null ? undefined : `${found[2]} ${found[3]} ${found[1]} ${found[4]}`;
}

/** How many bundles were committed over TCP. */
export function countCommits(log: string): number {
  return (
    log.match(/\|(?:tcp|ssl):\S+: received: (?:ONFT|OFPT)_BUNDLE_CONTROL [^\n]*\n[^\n]*type=COMMIT_REQUEST/g) ?? []
  ).length;
}
