import { LoomstackError } from "@loomstack/core";
import { until } from "./condition.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { Machine } from "./machine.ts";
import { type CommandOptions, type CommandResult, requireSuccess, runCommand } from "./process.ts";

/** A hypervisor that is powered on, as its parts see it: commands and daemons inside its namespaces. */
export interface HypervisorContext {
  readonly name: string;
  /** 1, 2, … */
  readonly number: number;
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** As run, and the command must succeed. @throws LAB__COMMAND_FAILED */
  require(command: string, args: readonly string[], options?: CommandOptions): Promise<string>;
  startDaemon(command: string, args: readonly string[]): Daemon;
  /** The daemon last started by that name, if it runs. */
  daemon(command: string): Daemon | undefined;
  /**
   * Waits until `look` is true. @throws LAB__DAEMON_ENDED as soon as the daemon is dead, LAB__TIMEOUT after half a
   * minute
   */
  untilReady(daemon: Daemon, look: () => Promise<boolean>): Promise<void>;
}

const readyTimeoutMs = 30_000;

export function contextOf(name: string, number: number, machine: Machine): HypervisorContext {
  const daemons = new Map<string, Daemon>();
  const run: HypervisorContext["run"] = (command, args, options) => {
    const inside = machine.inside(command, args);
    return runCommand(inside.command, inside.args, options);
  };
  return {
    name,
    number,
    run,
    require: async (command, args, options) =>
      requireSuccess(`${name}: ${[command, ...args].join(" ")}`, await run(command, args, options)),
    startDaemon(command, args) {
      const inside = machine.inside(command, args);
      const daemon = startDaemon(command, inside.command, inside.args);
      daemons.set(command, daemon);
      return daemon;
    },
    daemon(command) {
      const daemon = daemons.get(command);
      return daemon?.running === true ? daemon : undefined;
    },
    async untilReady(daemon, look) {
      const readyOrDead = async (): Promise<boolean> => !daemon.running || (await look());
      await until(`${daemon.name} of ${name} answers`, readyOrDead, { timeoutMs: readyTimeoutMs });
      if (daemon.running) return;
      const output = daemon.output().trim();
      throw new LoomstackError("LAB__DAEMON_ENDED", {
        daemon: daemon.name,
        hypervisor: name,
        status: await daemon.ended,
        output,
      });
    },
  };
}
