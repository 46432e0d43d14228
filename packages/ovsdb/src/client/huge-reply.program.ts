/**
 * Asks the server at `remote` for its databases, and says in one JSON line what came of it and how much memory that
 * took. A process of its own, so that nothing else is measured.
 *
 *     node huge-reply.program.ts <remote> <largest message in bytes>
 */
import { isLoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { connectOvsdb } from "./connect.ts";

const [remote = "", maxMessageBytes = ""] = process.argv.slice(2);
const options = { remote, clock: systemClock, logger: silentLogger };
await using client = await connectOvsdb({ ...options, limits: { maxMessageBytes: Number(maxMessageBytes) } });
await client.getServerId();
const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
const before = peakBytes();
const outcome = await client.listDatabases().then(
  (names) => String(names[0]?.length),
  (error: unknown) => (isLoomstackError(error) ? error.code : String(error)),
);
process.stdout.write(JSON.stringify({ outcome, heldBytes: peakBytes() - before }));
