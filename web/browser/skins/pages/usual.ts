import type { ClaimValidator } from "../../../src/index.js";

/** What every page wants that says nothing else. */
export const usual: ClaimValidator[] = [
  { id: "no-ban", refresh() {}, shouldRefresh: () => false, validate: ({ banned }) => ({ isValid: !banned }) },
];
