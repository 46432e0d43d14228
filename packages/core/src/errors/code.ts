/** Whose fault an error is. It decides the log level, whether a retry makes sense, and the HTTP class of the answer. */
export type Blame = "caller" | "peer" | "environment" | "bug";

/** One row of the error table. */
export interface ErrorDefinition<Template extends string = string> {
  readonly blame: Blame;
  /** What went wrong, with which object, on which hypervisor, and what to do; `{name}` is filled from the context. */
  readonly template: Template;
}

/** Declares one row of the error table. The type of the context is derived from the placeholders of the template. */
export function code<const Template extends string>(blame: Blame, template: Template): ErrorDefinition<Template> {
  return { blame, template };
}

/** The context that a template asks for: one property for each `{placeholder}`. */
export type ContextOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string | number | bigint } & ContextOf<Rest>
  : unknown;
