import { isUuid, LoomstackError } from "@loomstack/core";
import { type Job, jobs, type JobState } from "@loomstack/model";
import { bareCommand, type CommandTable, listCommand } from "../protocol/command.ts";
import { jobErrorCode } from "../protocol/errors.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { isVisible, required, text } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";

interface JobView {
  readonly job: Job;
  readonly commands: CommandTable;
}

/** JobInfo.Status */
const statusNumbers: Readonly<Record<JobState, number>> = { queued: 0, running: 0, succeeded: 1, failed: 2 };

const jobFields = {
  jobid: field("string", "the ID of the job"),
  accountid: field("string", "the account that the job is for"),
  userid: field("string", "the ID of the user who asked for it"),
  cmd: field("string", "the command"),
  jobstatus: field("integer", "0: under way, 1: succeeded, 2: failed"),
  jobprocstatus: field("integer", "always 0"),
  jobresultcode: field("integer", "0, or the code of the error"),
  jobresulttype: field("string", "object, once there is a result"),
  jobresult: field("object", "the result of the command, or { errorcode, errortext }"),
  jobinstancetype: field("string", "the kind of object that the job is about"),
  jobinstanceid: field("string", "the ID of the object that the job is about"),
  created: field("string", "when it was asked for"),
  completed: field("string", "when it ended"),
} as const;

const jobResponse = responseObject("asyncjobs", jobFields, ({ job, commands }: JobView) => ({
  jobid: job.id,
  accountid: job.account,
  userid: job.userId,
  cmd: job.command,
  jobstatus: statusNumbers[job.state],
  jobprocstatus: 0,
  jobresultcode: job.state === "failed" ? jobErrorCode(job.errorCode).errorcode : 0,
  ...resultOf(job, commands),
  jobinstancetype: job.subjectType ?? undefined,
  jobinstanceid: job.subjectId ?? undefined,
  created: formatTime(job.createdAt),
  completed: job.completedAt === null ? undefined : formatTime(job.completedAt),
}));

function resultOf(job: Job, commands: CommandTable): { readonly jobresulttype?: string; readonly jobresult?: object } {
  if (job.state === "failed")
    return {
      jobresulttype: "object",
      jobresult: { errorcode: jobErrorCode(job.errorCode).errorcode, errortext: job.errorText ?? "" },
    };
  if (job.state !== "succeeded") return {};
  return { jobresulttype: "object", jobresult: commands[job.command]?.jobResult(job.result) ?? {} };
}

export const jobCommands = {
  queryAsyncJobResult: bareCommand({
    description: "Says how far a job is, and what came of it",
    params: { jobid: required(text("the ID of the job")) },
    response: { ...jobResponse, key: "" },
    forUsers: true,
    run: async ({ jobid }, { store, caller, commands }) => {
      const id = jobid.toLowerCase();
      const job = isUuid(id) ? await jobs.find(store.db, id) : undefined;
      if (job !== undefined && isVisible(job, caller)) return { job, commands };
      throw new LoomstackError("CLOUDSTACK__UNKNOWN_ENTITY", {
        command: "queryasyncjobresult",
        parameter: "jobid",
        value: jobid,
      });
    },
  }),
  listAsyncJobs: listCommand({
    description: "Lists jobs, newest first",
    params: { account: text("the account that the jobs are for"), ...pagingParameters },
    response: jobResponse,
    forUsers: true,
    run: async (params, { store, caller, commands }, name) => {
      const filter = params.account === undefined ? {} : { account: params.account };
      const found = (await jobs.list(store.db, filter)).filter((job) => isVisible(job, caller)).toReversed();
      const page = pageOf(name, found, params, ({ command }) => command);
      return { count: page.count, items: page.items.map((job) => ({ job, commands })) };
    },
  }),
};
