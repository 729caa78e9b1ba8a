import { guardLoader } from "hallpass/remix";
import { config } from "../config.server";
import type { Route } from "./+types/account";

export { headers } from "hallpass/remix";

export const loader = guardLoader(config, { loginUrl: "/login" }, ({ session }) => ({ session: session.snapshot }));

export default function Account({ loaderData: { session } }: Route.ComponentProps) {
  return <h1>{`Account of ${session.userId ?? session.status}`}</h1>;
}
