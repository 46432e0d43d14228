import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { LoomstackError } from "@loomstack/core";
import { until } from "../condition.ts";
import { type Daemon, startDaemon } from "../daemon.ts";

/** The credentials that a first start leaves in its state folder. */
export interface InitialAdministrator {
  readonly name: string;
  readonly password: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface ServerSettings {
  readonly name: string;
  /** For its configuration and its state; it has to be there. */
  readonly folder: string;
  readonly halves: readonly ("cloud" | "controller")[];
  readonly httpPort: number;
  /** The address that hypervisors' bridges reach the controller by. */
  readonly openflowHost: string;
}

const main = fileURLToPath(new URL("../../../apps/server/src/main.ts", import.meta.url));
const startLimitMs = 20_000;
const healthLimitMs = 1_000;

/** One Loomstack process of the lab, started as an administrator would start it, again and again on the same state. */
export class ServerProcess implements AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly #settings: ServerSettings;
  /** The last one that was started. */
  #daemon: Daemon | undefined;

  constructor(settings: ServerSettings) {
    this.name = settings.name;
    this.url = `http://127.0.0.1:${settings.httpPort}`;
    this.#settings = settings;
  }

  /** The end of its log. */
  log(): string {
    return this.#daemon?.output() ?? "";
  }

  /**
   * Starts the process and waits until it answers. @throws LAB__TIMEOUT; LAB__COMMAND_FAILED with the end of its log
   */
  async start(): Promise<void> {
    const configFile = path.join(this.#settings.folder, "loomstack.json");
    await writeFile(configFile, JSON.stringify(configurationOf(this.#settings)), { mode: 0o600 });
    const daemon = startDaemon(this.name, process.execPath, [main, "--config", configFile]);
    this.#daemon = daemon;
    await until(`the start of ${this.name}`, async () => !daemon.running || (await this.#isHealthy()), {
      timeoutMs: startLimitMs,
    });
    if (daemon.running) return;
    throw new LoomstackError("LAB__COMMAND_FAILED", {
      command: this.name,
      status: await daemon.ended,
      stderr: daemon.output(),
    });
  }

  /** The administrator of its first start. */
  async administrator(): Promise<InitialAdministrator> {
    const file = path.join(stateFolderOf(this.#settings), "initial-administrator.json");
    return JSON.parse(await readFile(file, "utf8")) as InitialAdministrator;
  }

  /** Sends `signal` and waits for the end of the process; one that has ended already is fine. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#daemon?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
  }

  async #isHealthy(): Promise<boolean> {
    return (await fetch(`${this.url}/api/v1/health`, { signal: AbortSignal.timeout(healthLimitMs) })).ok;
  }
}

function stateFolderOf({ folder }: ServerSettings): string {
  return path.join(folder, "state");
}

/** Networks go soon after their last instance, so that tests see it; guests are behind a userspace datapath. */
function configurationOf(settings: ServerSettings): object {
  return {
    stateFolder: stateFolderOf(settings),
    halves: settings.halves,
    http: { host: "127.0.0.1", port: settings.httpPort },
    openflow: { host: settings.openflowHost, port: 6653 },
    ovsdb: { listen: { host: settings.openflowHost, port: 6640 } },
    plainTcp: true,
    networkIdleSec: 2,
    guestOffloads: false,
    log: { level: "debug" },
  };
}
