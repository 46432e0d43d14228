import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LoomstackError } from "@loomstack/core";

/** The credentials that a first start leaves in its state folder. */
export interface InitialAdministrator {
  readonly name: string;
  readonly password: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface ServerSettings {
  readonly name: string;
  readonly folder: string;
  readonly halves: readonly ("cloud" | "controller")[];
  readonly httpPort: number;
  /** The address that hypervisors' bridges reach the controller by. */
  readonly openflowHost: string;
}

const main = fileURLToPath(new URL("../../../apps/server/src/main.ts", import.meta.url));
const startLimitMs = 20_000;

/** One Loomstack process of the lab, started as an administrator would start it. */
export class ServerProcess implements AsyncDisposable {
  readonly #settings: ServerSettings;
  #child: ChildProcess | undefined;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#settings.httpPort}`;
  }

  get logFile(): string {
    return path.join(this.#settings.folder, "server.log");
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the process and waits until it answers. @throws LAB__TIMEOUT or LAB__COMMAND_FAILED with the end of its log
   */
  async start(): Promise<void> {
    const { folder, halves, httpPort, openflowHost } = this.#settings;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const configFile = path.join(folder, "loomstack.json");
    const config = {
      stateFolder: path.join(folder, "state"),
      halves,
      http: { host: "127.0.0.1", port: httpPort },
      openflow: { host: openflowHost, port: 6653 },
      plainTcp: true,
      networkIdleSec: 2,
      guestOffloads: false,
      log: { level: "debug" },
    };
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
    const log = openSync(this.logFile, "a", 0o600);
    this.#child = spawn(process.execPath, [main, "--config", configFile], { stdio: ["ignore", log, log] });
    await this.#answers(this.#child);
  }

  async administrator(): Promise<InitialAdministrator> {
    const file = path.join(this.#settings.folder, "state", "initial-administrator.json");
    return JSON.parse(await readFile(file, "utf8")) as InitialAdministrator;
  }

  /** Sends `signal` and waits for the end of the process. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
  }

  async #answers(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + startLimitMs;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) {
        const stderr = (await readFile(this.logFile, "utf8")).slice(-2_000);
        throw new LoomstackError("LAB__COMMAND_FAILED", {
          command: this.#settings.name,
          status: child.exitCode,
          stderr,
        });
      }
      const health = await fetch(`${this.url}/api/v1/health`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      );
      if (health?.ok === true) return;
      await pause(50);
    }
    throw new LoomstackError("LAB__TIMEOUT", { what: `the start of ${this.#settings.name}`, timeoutMs: startLimitMs });
  }
}
