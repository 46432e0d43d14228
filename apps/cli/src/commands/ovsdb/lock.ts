import { LoomstackError } from "@loomstack/core";
import type { Lock, OvsdbClient } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { runLocked } from "./locked-command.ts";
import { addJson } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { endOfConnection, firstClient, openServer, untilStopped } from "./server.ts";

type Method = "lock" | "steal";

interface LockOptions extends VerbOptions {
  readonly database?: string;
}

type Arguments = [remotes: readonly string[], name: string, command: readonly string[], options: LockOptions];

/** `lock <remote> <lock> [-- command…]`: stands in line, and holds the lock until it is ended or the command is. */
export function addLock(ovsdb: Command, io: CommandIo): void {
  addLockVerb(ovsdb, io, "lock").description("hold a lock until interrupted, or while a command runs");
}

/** `steal <remote> <lock> [-- command…]`: as `lock`, and takes it from whoever has it. */
export function addSteal(ovsdb: Command, io: CommandIo): void {
  addLockVerb(ovsdb, io, "steal").description("as lock, and take it from whoever has it");
}

function addLockVerb(ovsdb: Command, io: CommandIo, method: Method): Command {
  return addJson(addVerb(ovsdb, method, io))
    .argument("<lock>", "the lock's name")
    .argument("[command...]", "behind --, what to run while the lock is held; then its exit status is ours")
    .option("--database <name>", "with several remotes: the lock is asked for at the server that leads this database")
    .usage("[options] <remote> <lock> [-- command...]")
    .action((...[remotes, name, command, options]: Arguments) =>
      command.length > 0
        ? lockForCommand(io, remotes, { method, name, command }, options)
        : holdLock(io, remotes, { method, name }, options),
    );
}

interface LockRequest {
  readonly method: Method;
  readonly name: string;
}

/** Locks are each server's own: who shares one has to meet at the leader. @throws CLI__USAGE */
function databasesOf(remotes: readonly string[], { database, leaderOnly }: LockOptions): readonly string[] {
  if (remotes.length > 1 && (database === undefined || leaderOnly === false)) {
    const reason = "a lock is each server's own: with several remotes say with --database whose leader has it";
    throw new LoomstackError("CLI__USAGE", { reason });
  }
  return database === undefined ? [] : [database];
}

/** Prints what becomes of the lock, until the command is ended. @throws what ended the connection */
async function holdLock(
  io: CommandIo,
  remotes: readonly string[],
  { method, name }: LockRequest,
  options: LockOptions,
): Promise<never> {
  await using server = await openServer(io, remotes, options, databasesOf(remotes, options));
  const client = await firstClient(server);
  const ending = endOfConnection(server);
  const print = (event: string): void =>
    io.output.send(options.json === true ? formatJson({ event, lock: name }, false) : `${event} ${name}\n`);
  await using lock = await client[method](name);
  print(lock.owned ? "locked" : "waiting");
  using _listening = onServersWord(client, lock.changes, (owned) => print(owned ? "locked" : "stolen"));
  throw await Promise.race([ending, untilStopped(io.signal)]);
}

/** The connection outlives the signal that ends us: the lock is held until the command has ended. */
async function lockForCommand(
  io: CommandIo,
  remotes: readonly string[],
  { method, name, command }: LockRequest & { readonly command: readonly string[] },
  options: LockOptions,
): Promise<void> {
  const closing = new AbortController();
  const close = (): void => closing.abort(io.signal.reason);
  io.signal.addEventListener("abort", close);
  await using server = await openServer(io, remotes, options, databasesOf(remotes, options), closing.signal);
  const client = await firstClient(server);
  const ending = endOfConnection(server);
  await using lock = await client[method](name);
  if (!lock.owned) io.note(`waiting for lock ${name}`);
  await lock.acquired(io.signal);
  io.signal.removeEventListener("abort", close);
  io.setStatus(await runLocked(io, command, { lock, ending }));
}

/**
 * Tells what the server says of a lock; that it ends with its connection isn't told. Whether that is what happened is
 * known a little later only.
 */
function onServersWord(client: OvsdbClient, changes: Lock["changes"], tell: (owned: boolean) => void): Disposable {
  let isOpen = true;
  void client.closed.then(() => (isOpen = false));
  return changes.add((owned) =>
    process.nextTick(() => {
      if (isOpen) tell(owned);
    }),
  );
}
