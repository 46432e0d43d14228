import type { Rule } from "eslint";

type Call = Parameters<NonNullable<Rule.NodeListener["CallExpression"]>>[0];
type Member = Extract<Call["arguments"][number], { type: "ObjectExpression" }>["properties"][number];

const levels: ReadonlySet<string> = new Set(["debug", "info", "warn", "error"]);

/** What a line may be about. Where a hypervisor is meant by the logger that a line is written to, it has its bridge. */
const subjects: ReadonlySet<string> = new Set([
  ...["hypervisor", "bridge", "switch", "port", "ports", "remote", "remotes"],
]);

/**
 * Reports a line of the log that doesn't say what it is about: its fields have none of the subjects, and no logger of the
 * file is bound to one (`logger.child({ hypervisor })`). Fields that are put together elsewhere are passed over.
 */
export const logSubject: Rule.RuleModule = {
  meta: {
    type: "problem",
    schema: [],
    messages: { subject: `A line of the log says what it is about: one of ${[...subjects].join(", ")}.` },
  },
  create(context) {
    const isBound = /\blogger\.child\(\{/.test(context.sourceCode.text);
    return {
      CallExpression(node) {
        const [fields] = node.arguments;
        if (isBound || fields?.type !== "ObjectExpression" || !isLogCall(node.callee)) return;
        const isNamed = fields.properties.some((one) => one.type === "SpreadElement" || subjects.has(nameOf(one)));
        if (!isNamed) context.report({ node, messageId: "subject" });
      },
    };
  },
};

/** `logger.warn`, `this.#options.logger[level]`. */
function isLogCall(callee: Call["callee"]): boolean {
  if (callee.type !== "MemberExpression") return false;
  const { object, property, computed } = callee;
  const receiver = object.type === "MemberExpression" ? object.property : object;
  const isLogger =
    (receiver.type === "Identifier" || receiver.type === "PrivateIdentifier") && /logger$/i.test(receiver.name);
  return isLogger && (computed || (property.type === "Identifier" && levels.has(property.name)));
}

function nameOf(member: Exclude<Member, { type: "SpreadElement" }>): string {
  const { key } = member;
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}
