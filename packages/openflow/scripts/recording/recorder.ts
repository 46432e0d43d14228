import { execFile } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { silentLogger, systemClock } from "@loomstack/core";
import { MessageFramer } from "../../src/connection/framing.ts";
import { listenForSwitches, type SwitchListener } from "../../src/connection/listener.ts";
import type { SwitchConnection } from "../../src/connection/switch-connection.ts";
import { decodeAnyVersion } from "../../src/json/message-json.ts";
import type { ReceivedMessage } from "../../src/of13/messages.ts";
import type { OpenFlowVersion } from "../../src/version/version.ts";
import { writeVector } from "./vector-file.ts";

const run = promisify(execFile);
const patienceMs = 5000;

interface Captured {
  readonly from: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly message: ReceivedMessage;
}

/** A running Open vSwitch with a bridge br0. */
export interface OpenVSwitch {
  /** Where br0 takes OpenFlow connections: `unix:…`. */
  readonly management: string;
  /** Runs `ovs-vsctl`. */
  readonly vsctl: (...args: readonly string[]) => Promise<string>;
}

export interface RecorderOptions {
  readonly ovs: OpenVSwitch;
  readonly version: OpenFlowVersion;
  /** Where the vectors go. */
  readonly folder: string;
  /** Of the Open vSwitch, for the vectors' first line. */
  readonly ovsVersion: string;
}

/** Runs what makes a switch and its tools talk, listens in, and writes vectors of what they say. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #proxies: net.Server[] = [];
  readonly #listeners: SwitchListener[] = [];
  #captured: Captured[] = [];
  #heard: () => void = () => undefined;
  readonly written: string[] = [];
  readonly changed: string[] = [];

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get ovs(): OpenVSwitch {
    return this.#options.ovs;
  }

  /** Makes br0 connect to us as its controller, in the recorder's version. */
  async connect(): Promise<SwitchConnection> {
    const { ovs, ovsVersion, version } = this.#options;
    const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
    const where = { host: "127.0.0.1", port: 0, versions: [version] };
    const listener = await listenForSwitches({ ...where, clock: systemClock, logger: silentLogger, onSwitch: resolve });
    this.#listeners.push(listener);
    const names = { client: `ovs-vswitchd ${ovsVersion}`, server: "loomstack" };
    const target = await this.#proxy(names, () => net.connect(listener.port, "127.0.0.1"));
    const controller = ["--id=@c", "create", "controller", `target="tcp:${target}"`];
    await ovs.vsctl("--", "add", "bridge", "br0", "controller", "@c", "--", ...controller);
    return promise;
  }

  /** Runs `ovs-ofctl <command> br0 …`, in the recorder's version unless another is named. */
  async ofctl(command: string, ...args: readonly string[]): Promise<void> {
    await this.ofctlAs(this.#options.version, command, ...args);
  }

  async ofctlAs(version: string, command: string, ...args: readonly string[]): Promise<void> {
    const { ovs, ovsVersion } = this.#options;
    const names = { client: `ovs-ofctl ${ovsVersion}`, server: `ovs-vswitchd ${ovsVersion}` };
    const target = `tcp:${await this.#proxy(names, () => net.connect(ovs.management.slice("unix:".length)))}`;
    // Of its own accord it says flows of 1.0 in Nicira's form.
    const isPlain = version === "1.0" && /flow|aggregate/.test(command);
    const protocol = [`OpenFlow${version.replace(".", "")}`, ...(isPlain ? ["-F", "openflow10"] : [])];
    // What the switch refuses is of interest, too.
    await run("ovs-ofctl", ["-O", ...protocol, "--no-names", "--timeout=5", command, target, ...args]).catch(
      () => undefined,
    );
  }

  /** Runs `action`, and writes a vector of the first message of each name, which may have a variant behind it. */
  async record(names: readonly string[], action: () => Promise<unknown>, edit?: Edit): Promise<void> {
    this.#captured = [];
    await action();
    for (const name of names) {
      const found = await this.#first(baseOf(name), edit?.pick);
      const bytes = edit?.bytes?.(found.bytes) ?? found.bytes;
      const provenance = `Sent by ${found.from}.${edit?.remark === undefined ? "" : ` ${edit.remark}`}`;
      this.write(name, provenance, bytes);
    }
  }

  /** As record, of a message of another version: the last of the type that ovs-ofctl sends. */
  async recordRaw(name: string, type: number, { bytes, remark }: Edit, action: () => Promise<unknown>): Promise<void> {
    this.#captured = [];
    await action();
    const found = this.#captured.findLast((one) => one.bytes[1] === type && one.from.startsWith("ovs-ofctl"));
    if (found === undefined) throw new Error(`no message for ${name} was seen`);
    this.write(name, `Sent by ${found.from}. ${remark ?? ""}`, bytes?.(found.bytes) ?? found.bytes);
  }

  write(name: string, provenance: string, bytes: Uint8Array): void {
    const file = path.join(this.#options.folder, `${name}.vec`);
    this.written.push(`${name}.vec`);
    if (writeVector(file, provenance, bytes)) this.changed.push(file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies) proxy.close();
    await Promise.all(this.#listeners.map((listener) => listener[Symbol.asyncDispose]()));
  }

  async #first(base: string, pick: Edit["pick"]): Promise<Captured> {
    const find = (): Captured | undefined =>
      this.#captured.find(({ name, message, from }) => name === base && (pick?.(message, from) ?? true));
    const deadline = AbortSignal.timeout(patienceMs);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      this.#heard = () => resolve(undefined);
      const seen = this.#captured.map(({ name, from }) => `${name} of ${from}`).join(", ");
      deadline.onabort = () => reject(new Error(`no ${base} was seen, but ${seen}`));
      await promise;
    }
  }

  /** Listens on a port of its own, and hands on between it and `open`'s other end. @returns host:port */
  async #proxy(names: { readonly client: string; readonly server: string }, open: () => net.Socket): Promise<string> {
    const server = net.createServer((socket) => {
      const other = open();
      this.#relay(socket, other, names.client);
      this.#relay(other, socket, names.server);
    });
    this.#proxies.push(server);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    server.listen(0, "127.0.0.1", () => resolve(undefined));
    await promise;
    return `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  }

  #relay(source: net.Socket, target: net.Socket, from: string): void {
    const framer = new MessageFramer(() => undefined);
    source.on("data", (chunk: Buffer) => {
      for (const bytes of framer.push(chunk)) this.#keep(from, Uint8Array.from(bytes));
      target.write(chunk);
    });
    source.on("close", () => target.destroy());
    source.on("error", () => target.destroy());
  }

  #keep(from: string, bytes: Uint8Array): void {
    const { message } = decodeAnyVersion(bytes);
    this.#captured.push({ from, bytes, message, name: nameOf(message) });
    this.#heard();
  }
}

/** Which message is meant where there are several, and what becomes of it. */
export interface Edit {
  readonly pick?: (message: ReceivedMessage, from: string) => boolean;
  readonly bytes?: (bytes: Uint8Array) => Uint8Array;
  /** What the vector says of its origin besides. */
  readonly remark?: string;
}

/** The name of a vector without its variant. */
function baseOf(name: string): string {
  return name
    .split(".")
    .slice(0, name.startsWith("multipart.") ? 2 : 1)
    .join(".");
}

/** What a vector of the message is called. */
function nameOf(message: ReceivedMessage): string {
  if (message.kind === "multipartRequest") return `multipart.${kebab(message.body.kind)}-request`;
  if (message.kind === "multipartReply") return `multipart.${kebab(message.body.kind)}-reply`;
  return kebab(message.kind);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
