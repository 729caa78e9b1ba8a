import type { ClaimValidator } from "hallpass";
import { guardLoader } from "hallpass/remix";
import { config } from "../config.server";

export { headers } from "hallpass/remix";

const staff: ClaimValidator = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload) => (payload["staff"] === true ? { isValid: true } : { isValid: false }),
};

export const loader = guardLoader(config, { loginUrl: "/login", validators: [staff] }, ({ session }) => ({
  session: session.snapshot,
}));

export default function Staff() {
  return <h1>Staff</h1>;
}
