/**
 * A virtual machine that runs in the lab, spoken to through QEMU's guest agent. The product starts it; the lab only
 * asks it to do things.
 */
import { setTimeout as pause } from "node:timers/promises";
import { LoomstackError } from "@loomstack/core";
import { until } from "./condition.ts";
import type { LabHypervisor } from "./hypervisor.ts";
import { type CommandResult, runCommand } from "./process.ts";

/** A command that runs in a guest. */
export interface GuestCommand {
  /** Waits for its end. @throws LAB__TIMEOUT, after the command was killed; LAB__GUEST_AGENT_FAILED */
  result(options?: { readonly timeoutMs?: number }): Promise<CommandResult>;
}

export interface Guest {
  /** Waits until the guest has booted and its agent answers. @throws LAB__TIMEOUT with what libvirt says */
  ready(timeoutMs: number): Promise<void>;
  /**
   * Runs a shell command to its end, whatever its exit code; 30 s unless told. @throws LAB__TIMEOUT,
   * LAB__GUEST_AGENT_FAILED
   */
  run(command: string, options?: { readonly timeoutMs?: number }): Promise<CommandResult>;
  /** Starts a shell command, such as a ping that runs while other things happen. @throws LAB__GUEST_AGENT_FAILED */
  spawn(command: string): Promise<GuestCommand>;
}

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** @param domain name or UUID of a libvirt domain of the hypervisor; it need not exist yet */
export function labGuest(hypervisor: LabHypervisor, domain: string): Guest {
  const ask = (command: string, args: object): Promise<unknown> => askAgent(hypervisor, domain, command, args);
  const spawn = async (command: string): Promise<GuestCommand> => {
    const started = (await ask("guest-exec", { path: "/bin/sh", arg: ["-c", command], "capture-output": true })) as {
      readonly pid: number;
    };
    const look = async (): Promise<ExecStatus> => (await ask("guest-exec-status", { pid: started.pid })) as ExecStatus;
    const kill = (): Promise<unknown> => ask("guest-exec", { path: "/bin/kill", arg: ["-9", String(started.pid)] });
    return { result: ({ timeoutMs = 30_000 } = {}) => awaitEnd(`${domain}: ${command}`, look, kill, timeoutMs) };
  };
  return {
    async ready(timeoutMs) {
      const answers = async (): Promise<boolean> => (await ask("guest-ping", {})) !== undefined;
      await until(`the guest agent of ${domain} on ${hypervisor.name} answers`, answers, { timeoutMs, pauseMs: 200 });
    },
    run: async (command, options) => (await spawn(command)).result(options),
    spawn,
  };
}

async function awaitEnd(
  what: string,
  look: () => Promise<ExecStatus>,
  kill: () => Promise<unknown>,
  timeoutMs: number,
): Promise<CommandResult> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const status = await look();
    if (status.exited) return resultOf(status);
    if (performance.now() >= deadline) break;
    await pause(pauseMs);
  }
  await kill();
  throw new LoomstackError("LAB__TIMEOUT", { what: `the end of ${what}`, timeoutMs });
}

function resultOf(status: ExecStatus): CommandResult {
  const text = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString("utf8");
  const exitCode = status.exitcode ?? 128 + (status.signal ?? 0);
  return { exitCode, stdout: text(status["out-data"]), stderr: text(status["err-data"]) };
}

async function askAgent(hypervisor: LabHypervisor, domain: string, command: string, args: object): Promise<unknown> {
  const request = JSON.stringify({ execute: command, arguments: args });
  const answer = await runCommand("virsh", [
    "-c",
    hypervisor.libvirtUri,
    "qemu-agent-command",
    domain,
    request,
    "--timeout",
    "10",
  ]);
  if (answer.exitCode === 0) return (JSON.parse(answer.stdout) as { readonly return: unknown }).return;
  const reason = answer.stderr.trim().replace(/^error: /, "");
  throw new LoomstackError("LAB__GUEST_AGENT_FAILED", { guest: domain, hypervisor: hypervisor.name, command, reason });
}
