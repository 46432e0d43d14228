import { RuleTester } from "eslint";
import { describe, it } from "vitest";
import { logSubject } from "./log-subject.ts";

RuleTester.describe = describe;
RuleTester.it = it;
const errors = [{ messageId: "subject" }];

new RuleTester().run("log-subject", logSubject, {
  valid: [
    'logger.warn({ hypervisor: key, error }, "lost");',
    'options.logger[level]({ ports: 3 }, "not stored");',
    'logger.error({ ...asked, error }, "not answered");',
    'logger.info(fields, "as it was told");',
    'this.x = logger.child({ switch: dpid }); this.logger.warn({ error }, "not observed");',
    'stream.error({ error }, "no logger");',
    'logger.flush({ error }, "no level");',
  ],
  invalid: [
    { code: 'logger.warn({ error }, "lost");', errors },
    { code: 'this.options.logger[level]({ error }, "lost");', errors },
    { code: 'class A { #logger; b() { this.#logger.info({ state }, "state"); } }', errors },
  ],
});
