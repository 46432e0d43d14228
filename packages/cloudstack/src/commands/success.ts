import { field, responseObject } from "../protocol/response.ts";

/** What commands answer that take something away: nothing but that they did. */
export const successResponse = responseObject(
  "",
  {
    success: field("boolean", "whether the command succeeded"),
    displaytext: field("string", "more about it, where there is something to say"),
  },
  ({ success }: { readonly success: boolean }) => ({ success }),
);
