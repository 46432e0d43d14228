/**
 * Work that outlives its request. A job is written down together with what it begins with, run when its claims allow,
 * and taken up again after a restart: its steps bear repeating, and a job that was begun too often is undone instead.
 * So every job ends.
 */
import { isLoomstackError, LoomstackError, messageOf, type Uuid, randomUuid } from "@loomstack/core";
import { type Job, type JobState, jobs as jobTable, type Tx, unfinishedJobs } from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import { type JobEvent, jobStates } from "../states/job-states.ts";
import type { Claim, TaskQueue } from "./task-queue.ts";

/** A kind of job that can be taken up again. */
export interface JobKind<Payload> {
  claims(payload: Payload): readonly Claim[];
  /**
   * Does the work, from wherever an earlier attempt left it. What it resolves with is the job's result, and has to be
   * JSON.
   */
  run(payload: Payload, signal: AbortSignal): Promise<unknown>;
  /** Leaves nothing half done, for a job that was begun too often. */
  undo(payload: Payload, reason: LoomstackError): Promise<void>;
}

export interface JobSubject {
  /** In CloudStack's terms: `VirtualMachine`, `Network`. */
  readonly type: string;
  readonly id: Uuid;
}

export interface JobRequest<Payload> {
  readonly caller: Caller;
  readonly payload: Payload;
  readonly subject: JobSubject;
  /** What is written together with the job, or neither is. */
  readonly prepare?: (tx: Tx) => Promise<void>;
}

/**
 * Work of one transaction, perhaps after a look at the outside. If the process dies before the transaction, nothing has
 * happened.
 */
export interface ShortWork {
  readonly check?: (signal: AbortSignal) => Promise<void>;
  readonly commit: (tx: Tx) => Promise<{ readonly result: unknown; readonly subject?: JobSubject }>;
}

const shortWork = "short";

interface StoredPayload {
  readonly kind: string;
  readonly payload: unknown;
}

export class Jobs {
  readonly #context: CloudContext;
  readonly #queue: TaskQueue;
  readonly #kinds = new Map<string, JobKind<unknown>>();
  /** The jobs that this process is at work on. */
  readonly #live = new Set<Uuid>();

  constructor(context: CloudContext, queue: TaskQueue) {
    this.#context = context;
    this.#queue = queue;
  }

  /** Declares a kind of job; `command` is the name that it goes by. @returns what submits such a job */
  declare<Payload>(command: string, kind: JobKind<Payload>): (request: JobRequest<Payload>) => Promise<Job> {
    this.#kinds.set(command, kind);
    return async ({ caller, payload, subject, prepare }) => {
      this.#queue.assertRoom();
      const job = this.#newJob(caller, command, { kind: command, payload }, subject);
      await this.#insert(job, prepare);
      this.#launch(job, kind, payload);
      return job;
    };
  }

  /** Submits work that isn't taken up again. */
  async submitShort(caller: Caller, command: string, work: ShortWork): Promise<Job> {
    this.#queue.assertRoom();
    const job = this.#newJob(caller, command, { kind: shortWork, payload: null }, undefined);
    await this.#insert(job);
    this.#settle(
      job,
      this.#queue.run([], (signal) => this.#runShort(job, work, signal)),
    );
    return job;
  }

  /** Takes up what an earlier process left. */
  async resume(): Promise<void> {
    for (const job of await unfinishedJobs(this.#context.store.db)) {
      if (this.#live.has(job.id)) continue;
      const { kind: name, payload } = job.payload as StoredPayload;
      const kind = this.#kinds.get(name);
      if (kind === undefined)
        await this.#fail(job, new LoomstackError("CLOUD__JOB_LOST", { job: job.id, command: job.command }));
      else this.#launch(job, kind, payload);
    }
  }

  async #insert(job: Job, prepare?: (tx: Tx) => Promise<void>): Promise<void> {
    this.#live.add(job.id);
    try {
      await this.#context.store.transact(async (tx) => {
        await prepare?.(tx);
        await jobTable.insert(tx, job);
      });
    } catch (error) {
      this.#live.delete(job.id);
      throw error;
    }
  }

  #newJob(caller: Caller, command: string, payload: StoredPayload, subject: JobSubject | undefined): Job {
    return {
      id: randomUuid(this.#context.random),
      command,
      account: caller.account,
      userId: caller.userId,
      payload,
      state: "queued",
      attempts: 0,
      result: null,
      errorCode: null,
      errorText: null,
      subjectType: subject?.type ?? null,
      subjectId: subject?.id ?? null,
      createdAt: this.#context.clock.now(),
      completedAt: null,
    };
  }

  #launch(job: Job, kind: JobKind<unknown>, payload: unknown): void {
    this.#settle(
      job,
      this.#queue.run(kind.claims(payload), (signal) => this.#run(job, kind, payload, signal)),
    );
  }

  async #run(job: Job, kind: JobKind<unknown>, payload: unknown, signal: AbortSignal): Promise<void> {
    const { attempts } = await this.#move(job.id, "Begin", { attempts: job.attempts + 1 });
    if (attempts > this.#context.settings.jobAttempts) {
      const reason = new LoomstackError("CLOUD__JOB_ABANDONED", {
        job: job.id,
        command: job.command,
        attempts: attempts - 1,
      });
      await kind.undo(payload, reason);
      throw reason;
    }
    const result = await kind.run(payload, signal);
    await this.#move(job.id, "Succeed", { result, completedAt: this.#context.clock.now() });
  }

  async #runShort(job: Job, work: ShortWork, signal: AbortSignal): Promise<void> {
    await this.#move(job.id, "Begin", { attempts: 1 });
    await work.check?.(signal);
    await this.#context.store.transact(async (tx) => {
      const { result, subject } = await work.commit(tx);
      const about = subject === undefined ? {} : { subjectType: subject.type, subjectId: subject.id };
      await jobTable.update(tx, job.id, {
        state: jobStates.next("running", "Succeed", job.id),
        result,
        ...about,
        completedAt: this.#context.clock.now(),
      });
    });
  }

  /** Writes down how a job failed; one that stopped because the process stops stays as it is. */
  #settle(job: Job, running: Promise<void>): void {
    running
      .catch((error: unknown) => (this.#queue.signal.aborted ? undefined : this.#fail(job, error)))
      .catch((error: unknown) =>
        this.#context.logger.error({ job: job.id, error }, "the end of a job could not be written down"),
      )
      .finally(() => this.#live.delete(job.id));
  }

  async #fail(job: Job, error: unknown): Promise<void> {
    const known = isLoomstackError(error);
    if (!known)
      this.#context.logger.error(
        { job: job.id, command: job.command, error },
        "a job failed for a reason that was not foreseen",
      );
    const errorText = known ? error.message : "an internal error; the server's log has the details";
    await this.#move(job.id, "Fail", {
      errorCode: known ? error.code : null,
      errorText,
      completedAt: this.#context.clock.now(),
    });
    const object = job.subjectId === null ? {} : { object: job.subjectId };
    await this.#context.events.note({
      severity: "error",
      kind: "JOB.FAILED",
      message: `${job.command} failed: ${messageOf(error)}`,
      ...object,
    });
  }

  async #move(id: Uuid, event: JobEvent, patch: Partial<Job>): Promise<Job> {
    const { result } = await this.#context.store.transact(async (tx) => {
      const job = await jobTable.get(tx.db, id);
      const state: JobState = jobStates.next(job.state, event, id);
      return jobTable.update(tx, id, { ...patch, state });
    });
    return result;
  }
}
