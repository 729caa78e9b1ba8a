import type { ClaimValidator } from "hallpass";
import { TryRefresh } from "hallpass/react";
import { guardLoader } from "hallpass/remix";
import { useRevalidator } from "react-router";
import { config } from "../config.server";
import type { Route } from "./+types/staff";

export { headers } from "hallpass/remix";

const staff: ClaimValidator = {
  id: "staff",
  refresh() {},
  shouldRefresh: () => false,
  validate: (payload) => (payload["staff"] === true ? { isValid: true } : { isValid: false }),
};

export const loader = guardLoader(config, { loginUrl: "/login", validators: [staff] }, ({ session }) => ({ user: session.userId }));

export default function Staff({ loaderData: { user } }: Route.ComponentProps) {
  const { revalidate } = useRevalidator();
  return user ? <h1>{`Staff: ${user}`}</h1> : <TryRefresh onRefreshed={revalidate} />;
}
